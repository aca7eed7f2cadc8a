'use strict'

/** A mistake of the person at the keyboard: one line, exit code 2. */
class UsageError extends Error {}

/** A mistake in a file, which may be a list of several, on one line. */
function mistakeIn (file, error) {
  const text = error.mistakes ? error.mistakes.join('; ') : error.message
  return new UsageError(`${file}: ${text.replace(/\s+/g, ' ')}`)
}

module.exports = { UsageError, mistakeIn }
