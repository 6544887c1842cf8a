// The bare `ws` package with one Redis subscription: about the least that Node can do for a room.
// Usage: node ws_server.js PORT REDIS_URL
"use strict";

const { createServer } = require("http");
const { WebSocketServer, WebSocket } = require("ws");
const { createClient } = require("redis");

const CHANNEL = "rooms";
const rooms = new Map(); // name -> Map of socket id -> socket
let lastId = 0;

async function main(port, redisUrl) {
  const options = redisUrl.startsWith("unix://")
    ? { socket: { path: redisUrl.slice("unix://".length) } }
    : { url: redisUrl };
  const publisher = createClient(options);
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  await subscriber.subscribe(CHANNEL, deliver);
  const http = createServer((request, response) => response.end("ready"));
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on("connection", (socket, request) => enter(socket, request.url, publisher));
  http.listen(Number(port), "127.0.0.1");
}

function enter(socket, url, publisher) {
  const room = new URL(url, "http://localhost").searchParams.get("room");
  const id = `${process.pid}-${++lastId}`;
  if (!rooms.has(room)) rooms.set(room, new Map());
  rooms.get(room).set(id, socket);
  socket.on("message", (body) => {
    const { content } = JSON.parse(body);
    const timestamp = new Date().toISOString();
    const text = JSON.stringify({ type: "shout", session_id: room, timestamp, content });
    publisher.publish(CHANNEL, JSON.stringify([room, id, text]));
  });
  socket.on("close", () => {
    rooms.get(room).delete(id);
    if (!rooms.get(room).size) rooms.delete(room);
  });
  socket.send('{"type":"system"}');
}

function deliver(parcel) {
  const [room, sender, text] = JSON.parse(parcel);
  for (const [id, socket] of rooms.get(room) ?? []) {
    if (id !== sender && socket.readyState === WebSocket.OPEN) socket.send(text);
  }
}

main(process.argv[2], process.argv[3]);
