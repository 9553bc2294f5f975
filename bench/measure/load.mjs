import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

const CONNECTIONS = 16;
const END_OF_HEAD = '\r\n\r\n';

/**
 * Sends requests over keep-alive connections to a port of loopback. Each connection sends the next one after its
 * answer, until the time is up or a list of several requests ends. Other clients cost more CPU than the servers here
 * and would hide the result. This one never sleeps: waking it would cost the server a system call, which costs more
 * the slower the server is. Throws if an answer has another status.
 */
export async function load(port, requests, { seconds, status }) {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)));
  const start = performance.now();
  const deadline = start + seconds * 1000;
  let sent = 0;
  let served = 0;
  const next = () => {
    if (performance.now() >= deadline) return undefined;
    if (requests.length === 1) return requests[0];
    return requests[sent++];
  };
  let isOver = false;
  const stayAwake = () => isOver || setImmediate(stayAwake);
  stayAwake();
  try {
    await Promise.all(sockets.map((socket) => exchange(socket, next, status, () => served++)));
  } finally {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  }
  return { served, seconds: (performance.now() - start) / 1000 };
}

function connected(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

function exchange(socket, next, status, count) {
  return new Promise((resolve, reject) => {
    let text = '';
    const send = () => {
      const request = next();
      if (request === undefined) resolve();
      else socket.write(request);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server has closed a connection')));
    socket.on('data', (chunk) => {
      text += chunk.latin1Slice();
      const head = text.indexOf(END_OF_HEAD);
      if (head === -1 || text.length < head + END_OF_HEAD.length + contentLength(text)) return;
      if (text.slice(9, 12) !== String(status)) reject(new Error(`Expected ${status}, got: ${text}`));
      text = '';
      count();
      send();
    });
    send();
  });
}

function contentLength(text) {
  const match = /\ncontent-length: (\d+)/i.exec(text);
  if (match === null) throw new Error(`No Content-Length in the answer: ${text}`);
  return Number(match[1]);
}
