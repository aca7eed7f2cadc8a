'use strict'

// How large the package may be, in bytes. Each part has a limit of its own, so that there is one also where a binary is missing.

/** With the binaries of all platforms. */
const MAX_PACKAGE = 6e6
/** One binary, packed on its own; and all that is no binary. */
const MAX_BINARY = 1.5e6
const MAX_REST = 0.45e6

/**
 * Each part with its size and its limit, and a sentence where one is too large.
 * @param {number} size of the package
 * @param {{ name: string, bytes: number }[]} binaries that are in it, each as if it were packed alone
 * @returns {{ parts: string[], wrong: string | null }}
 */
function checkSize (size, binaries) {
  const rest = size - binaries.reduce((sum, { bytes }) => sum + bytes, 0)
  const parts = [
    { name: 'the package', bytes: size, most: MAX_PACKAGE },
    { name: 'what is no binary', bytes: rest, most: MAX_REST },
    ...binaries.map(binary => ({ ...binary, most: MAX_BINARY }))
  ]
  const large = parts.find(({ bytes, most }) => bytes > most)
  return {
    parts: parts.map(({ name, bytes, most }) => `${name}: ${bytes} of ${most} bytes`),
    wrong: large ? `${large.name} has ${large.bytes} bytes, more than ${large.most}` : null
  }
}

module.exports = { MAX_BINARY, MAX_PACKAGE, MAX_REST, checkSize }
