'use strict'

const { UsageError } = require('./usage-error')

/** Options that every command has. */
const COMMON = { help: { text: 'print this' } }

/**
 * Reads a command's options. Each is told as `{ value: 'FILE', text, read }`: without `value` it is a switch; `read` makes
 * something of the text, or throws a UsageError. A command that has an `operand` takes one word beside its options, under that name.
 */
function readOptions (args, known, operand) {
  const options = {}
  const rest = args.map(arg => arg === '-h' ? '--help' : arg)
  while (rest.length > 0) readOne(rest, Object.assign({}, known, COMMON), options, operand)
  return options
}

function readOne (rest, known, options, operand) {
  const arg = rest.shift()
  if (operand && options.operand === undefined && !arg.startsWith('-') && arg !== '') {
    options.operand = arg
    return
  }
  const [, name, given] = /^--([^=]*)(?:=([^]*))?$/.exec(arg) || []
  if (name === undefined) throw new UsageError(`unexpected argument '${arg}'${HINT}`)
  const option = Object.prototype.hasOwnProperty.call(known, name) ? known[name] : null
  if (!option) throw new UsageError(`there is no option --${name}${HINT}`)
  if (!option.value && given !== undefined) throw new UsageError(`--${name} takes no value, not '${given}'`)
  options[name] = option.value ? valueOf(name, option, given === undefined ? rest.shift() : given) : true
}

function valueOf (name, { value, read }, given) {
  if (given === undefined || given === '') throw new UsageError(`--${name} needs a value: --${name} ${value}`)
  return read ? read(given, `--${name}`) : given
}

const HINT = ' (--help shows the options)'

/** The lines that tell options to people. */
function describe (known) {
  const rows = Object.keys(known).map(name => [`--${name}${known[name].value ? ` ${known[name].value}` : ''}`, known[name].text])
  const all = rows.concat([['--help', COMMON.help.text]])
  const width = Math.max.apply(null, all.map(([option]) => option.length))
  return all.map(([option, text]) => `  ${option.padEnd(width)}   ${text}`)
}

/** Reads a port. */
function port (text, name) {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65535) throw new UsageError(`${name}: '${text}' is not a port (0 to 65535)`)
  return number
}

module.exports = { describe, port, readOptions }
