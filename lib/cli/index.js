'use strict'

const { describe, readOptions } = require('./options')
const { UsageError } = require('./usage-error')

const NAME = 'turtle-pool-multi-daemon'
const COMMANDS = ['status', 'watch', 'check', 'edits', 'serve', 'demo']

/** Runs the command line, and leaves its exit code with the process. */
async function main (args, streams = { out: process.stdout, err: process.stderr }) {
  // A reader that leaves, as `head` does, has seen enough.
  streams.out.on('error', () => process.exit(0))
  try {
    process.exitCode = await run(args, streams)
  } catch (error) {
    streams.err.write(`${NAME}: ${isForPeople(error) ? error.message : error.stack}\n`)
    process.exitCode = 2
  }
}

/** Gives the exit code. */
function run ([name, ...args], { out, err }) {
  if (name === '--help' || name === '-h' || name === 'help') return tell(out, usage(), 0)
  if (name === '--version') return tell(out, require('../../package.json').version, 0)
  if (name === undefined) return tell(err, usage(), 2)
  if (!COMMANDS.includes(name)) throw new UsageError(`'${name}' is not a command; the commands are ${COMMANDS.join(', ')} (--help shows more)`)
  const command = require(`./commands/${name}`)
  const options = readOptions(args, command.options, command.operand)
  return options.help ? tell(out, usageOf(name, command), 0) : command.run(options, { out, err })
}

function tell (stream, text, code) {
  stream.write(`${text}\n`)
  return code
}

function usage () {
  const width = Math.max.apply(null, COMMANDS.map(({ length }) => length))
  const lines = COMMANDS.map(name => `  ${name.padEnd(width)}   ${require(`./commands/${name}`).summary}`)
  return [`usage: ${NAME} COMMAND [options]`, ''].concat(lines, '', `\`${NAME} COMMAND --help\` shows the options of a command.`).join('\n')
}

function usageOf (name, { summary, options, operand, details }) {
  return [`usage: ${NAME} ${name} [options]${operand ? ` [${operand}]` : ''}`, '', `${summary[0].toUpperCase()}${summary.slice(1)}.`, ''].concat(describe(options), '', details).join('\n')
}

/** Where the machine is not as it has to be, its own words are enough. */
function isForPeople (error) {
  return error instanceof UsageError || error.code === 'ERR_MULTI_DAEMON_NATIVE'
}

module.exports = main
