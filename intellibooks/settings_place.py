"""Where the code lies, and the .env file there: read before every other setting."""

from pathlib import Path

from intellibooks import env

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_dotenv(BASE_DIR / ".env")
DATA_DIR = (BASE_DIR / env.text("DATA_DIR", "var")).resolve()
