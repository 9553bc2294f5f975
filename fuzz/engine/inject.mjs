import { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';

/** Keeps what is written. */
class Ear extends Duplex {
  remoteAddress = '127.0.0.1';
  written = [];

  _read() {}

  _write(chunk, encoding, done) {
    this.written.push(chunk);
    done();
  }
}

/** Passes a request to a listener without a socket. Resolves with the answer, whose text is all that a client gets. */
export function inject(listener, { method, url, headers, body }) {
  return new Promise((resolve) => {
    const socket = new Ear();
    const request = requestOf(socket, { method, url, headers });
    if (body !== '') request.push(body);
    request.push(null);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => {
      response.detachSocket(socket);
      const text = Buffer.concat(socket.written).toString('latin1');
      resolve({ status: response.statusCode, headers: response.getHeaders(), text });
    });
    listener(request, response);
  });
}

/** A request as Node's HTTP parser makes it. `headers` is a flat list of names and values. */
export function requestOf(socket, { method, url, headers }) {
  const request = new IncomingMessage(socket);
  Object.assign(request, { method, url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  request._addHeaderLines(headers, headers.length);
  request.complete = true;
  return request;
}
