'use strict'

const { parseArgs } = require('node:util')
const { UsageError } = require('../lib/cli/usage-error')

/**
 * What stands on the command line, as `parseArgs` of node:util gives it. `--help` is always among the options.
 * @returns {{ values: Record<string, any>, positionals: string[] }}
 */
function parsed (args, options, { allowPositionals = false } = {}) {
  try {
    return parseArgs({ args, allowPositionals, options: { ...options, help: { type: 'boolean', short: 'h' } } })
  } catch (error) {
    // Node's first sentence names the option; the rest is advice for other programs.
    throw new UsageError(`${error.message.split(/\.\s|\n/)[0].replace(/\.$/, '')} (--help tells the options)`)
  }
}

/** The number that the text of an option is. */
function number (name, text, least, most) {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most)) throw new UsageError(`--${name} needs a number from ${least} to ${most}, not '${text}'`)
  return value
}

module.exports = { number, parsed }
