// socket.io with its Redis adapter, set up as its manual says: what one would pick instead.
// Usage: node socketio_server.js PORT REDIS_URL
"use strict";

const { createServer } = require("http");
const { Server } = require("socket.io");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");

async function main(port, redisUrl) {
  const options = redisUrl.startsWith("unix://")
    ? { socket: { path: redisUrl.slice("unix://".length) } }
    : { url: redisUrl };
  const publisher = createClient(options);
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const http = createServer((request, response) => response.end("ready"));
  const io = new Server(http, {
    adapter: createAdapter(publisher, subscriber),
    transports: ["websocket"],
    perMessageDeflate: false,
    serveClient: false,
  });
  io.on("connection", (socket) => {
    const room = socket.handshake.query.room;
    socket.join(room);
    socket.on("shout", (frame) => socket.to(room).emit("shout", frame));
  });
  http.listen(Number(port), "127.0.0.1");
}

main(process.argv[2], process.argv[3]);
