import type { Context, Next } from 'koa';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
];

/** Swagger UI has its icons in its style sheet, and shows descriptions as HTML, which it cleans first. */
const POLICY_OF_SWAGGER_UI = CONTENT_SECURITY_POLICY.map((directive) =>
  directive === "img-src 'self'" ? "img-src 'self' data:" : directive,
).filter((directive) => !directive.startsWith('require-trusted-types-for'));

/** Tells browsers to run only scripts of this server, and never to show its pages in a frame. */
export async function securityHeaders(ctx: Context, next: Next): Promise<void> {
  const policy = /^\/api(\/|$)/.test(ctx.path) ? POLICY_OF_SWAGGER_UI : CONTENT_SECURITY_POLICY;
  ctx.set({
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  await next();
}
