/** An answer that is not a 2xx. */
export class Refusal extends Error {
  constructor(status, text) {
    const { code, msg } = parsed(text);
    super(msg ?? 'Something went wrong. Please try again.');
    this.status = status;
    this.code = code;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
