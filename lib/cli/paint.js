'use strict'

const CODES = { healthy: 32, unhealthy: 33, unresponsive: 31, unknown: 90, bold: 1, cyan: 36, dim: 2 }

/** Gives `paint(style, text)` for a stream: styles are names of states and a few more, and only a terminal shows them. */
function paintFor (stream) {
  return isColoured(stream) ? (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m` : (style, text) => text
}

/** https://no-color.org: any value but the empty one. */
function isColoured (stream) {
  return Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
}

module.exports = { paintFor }
