import { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { PATH } from './requests.mjs';

/** Discards what is written. */
class Nowhere extends Duplex {
  remoteAddress = '127.0.0.1';

  _read() {}

  _write(chunk, encoding, done) {
    done();
  }

  _writev(chunks, done) {
    done();
  }
}

const socket = new Nowhere();

/** Passes a request to a listener without a socket, one at a time. Resolves with the status of the answer. */
export function inject(listener, { method, headers }) {
  return new Promise((resolve) => {
    const request = new IncomingMessage(socket);
    request.method = method;
    request.url = PATH;
    request.httpVersion = '1.1';
    request.httpVersionMajor = 1;
    request.httpVersionMinor = 1;
    // Like Node's HTTP parser, so that the headers become an object only when used.
    const lines = ['Host', '127.0.0.1', ...headers];
    request._addHeaderLines(lines, lines.length);
    request.complete = true;
    request.push(null);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => {
      response.detachSocket(socket);
      resolve(response.statusCode);
    });
    listener(request, response);
  });
}

/** Sends so many requests, and repeats them if there are fewer. Throws if an answer has another status. */
export async function injectAll(listener, requests, size, status) {
  for (let i = 0; i < size; i++) {
    const got = await inject(listener, requests[i % requests.length]);
    if (got !== status) throw new Error(`Expected ${status}, got ${got}`);
  }
}
