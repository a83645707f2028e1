/** Raised whenever an older agent, hub or page could misread a message. A mismatch is refused with PROTOCOL_MISMATCH. */
export const PROTOCOL_VERSION = 5
