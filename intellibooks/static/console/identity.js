/** Who looks at this page; asked once. */

import { getOr } from "./api.js";

let asked = null;

/** `{user_id, is_staff, mode, via}`, or null where the service does not say. */
export function whoAmI() {
  asked ??= getOr(null, "/api/auth/me").catch(() => null);
  return asked;
}
