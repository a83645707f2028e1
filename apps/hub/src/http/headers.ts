import { NO_CONTENT_POLICY } from './csp.ts'

/** On every answer. Pages replace the policy by their own. */
export const SECURITY_HEADERS: Record<string, string> = {
  'content-security-policy': NO_CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()',
  'x-frame-options': 'DENY',
}
