'use strict'

// How large the package may be. Each part has a limit of its own, so that there is one also where a binary is missing.

const { gzipSync } = require('node:zlib')

/** With the binaries of all platforms, in bytes of the packed package. */
const MAX_PACKAGE = 6.8e6
/** One binary, packed on its own; and all that is no binary. */
const MAX_BINARY = 1.65e6
const MAX_REST = 0.45e6

/**
 * Each part with its size and its limit, and a sentence where one is too large.
 * @param {number} size of the packed package
 * @param {{ name: string, content: Buffer }[]} binaries that are in it
 * @returns {{ parts: string[], wrong: string | null }}
 */
function checkSize (size, binaries) {
  const packed = binaries.map(({ name, content }) => ({ what: name, bytes: gzipSync(content, { level: 9 }).length, most: MAX_BINARY }))
  const rest = size - packed.reduce((sum, { bytes }) => sum + bytes, 0)
  const parts = [{ what: 'the package', bytes: size, most: MAX_PACKAGE }, { what: 'what is no binary', bytes: rest, most: MAX_REST }, ...packed]
  const large = parts.find(({ bytes, most }) => bytes > most)
  return {
    parts: parts.map(({ what, bytes, most }) => `${what}: ${bytes} of ${most} bytes`),
    wrong: large ? `${large.what} has ${large.bytes} bytes, more than ${large.most}` : null
  }
}

module.exports = { MAX_BINARY, MAX_PACKAGE, MAX_REST, checkSize }
