"""The AsyncAPI file of the WebSocket, made of the shapes of its frames."""
