/** A text with each known `{name}` replaced by its value, and each `{now+900}` by a time. So inputs never get old. */
export function filled(text, values) {
  return text.replace(/\{([\w+-]+)\}/g, (whole, name) => {
    if (Object.hasOwn(values, name)) return values[name];
    const [isTime, lead] = /^now([+-]\d{1,12})?$/.exec(name) ?? [];
    return isTime === undefined ? whole : String(Math.floor(Date.now() / 1000) + Number(lead ?? 0));
  });
}

export function base64url(text) {
  return Buffer.from(text).toString('base64url');
}
