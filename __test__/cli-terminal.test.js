'use strict'

// The command line in a terminal: colours, and a table that is drawn in place and leaves the terminal as it was.

const assert = require('node:assert/strict')
const { after, describe, test } = require('node:test')
const { SimNetwork } = require('../sim')
const { BIN, Folder } = require('./support/command-line')
const { LIMIT } = require('./support/pool')
const { Terminal } = require('./support/terminal')

const ENTER = '\x1b[?1049h'
const LEAVE = '\x1b[?1049l'
const SHOW_CURSOR = '\x1b[?25h'
const COLOUR = /\x1b\[\d+m/

const folder = new Folder()
after(() => folder.remove())

/** Runs a test on a network of four daemons; `start(command, options)` runs a command on them in a terminal. */
const inTerminal = run => async () => {
  const network = await SimNetwork.start(4, { height: 50 })
  const terminals = []
  try {
    const [daemon, ...daemons] = network.daemons.map(({ host, port }) => ({ host, port }))
    const file = folder.file(`${daemon.port}.json`, { daemon, multiDaemon: { enabled: true, daemons, pollingInterval: 50, timeout: 10000 } })
    const start = (command, options) => {
      const terminal = new Terminal([process.execPath, BIN, command, '--config', file], options)
      terminals.push(terminal)
      return terminal
    }
    await run(start, network, ...network.daemons)
  } finally {
    for (const terminal of terminals) terminal.end()
    await network.close()
  }
}

/** The pictures that were drawn, each as its lines without colours. */
function pictures (output) {
  return output.split('\x1b[?2026h').slice(1).map(picture => picture.split('\x1b[?2026l')[0].replace(/\x1b\[[?\d]*[A-Za-z]/g, '').split(/\r+\n/))
}

describe('in a terminal', { concurrency: 2, skip: Terminal.missing() || false }, () => {
  test('status is coloured', LIMIT, inTerminal(async start => {
    const terminal = start('status')
    assert.equal(await terminal.ended, 0)
    assert.match(terminal.output, /\x1b\[32m\* .* healthy .*\x1b\[0m/)
  }))

  for (const [name, env] of [['NO_COLOR', { NO_COLOR: '1' }], ['TERM=dumb', { TERM: 'dumb' }]]) {
    test(`status is not coloured with ${name}`, LIMIT, inTerminal(async start => {
      const terminal = start('status', { env })
      assert.equal(await terminal.ended, 0)
      assert.match(terminal.output, /healthy/)
      assert.doesNotMatch(terminal.output, COLOUR)
    }))
  }

  test('an empty NO_COLOR is none', LIMIT, inTerminal(async start => {
    const terminal = start('status', { env: { NO_COLOR: '' } })
    await terminal.ended
    assert.match(terminal.output, COLOUR)
  }))

  test('watch draws the table in place, and a line for each change under it', LIMIT, inTerminal(async (start, network, P, A) => {
    const terminal = start('watch')
    await terminal.shows(/mode multi: 4 of 4 daemons healthy/)
    await P.crash()
    await terminal.shows(/From .* because /)
    terminal.press('q')
    assert.equal(await terminal.ended, 0)
    const last = pictures(terminal.output).pop()
    assert.equal(last[0], 'mode multi, 3 of 4 healthy; * is in use')
    assert.match(last[3], new RegExp(`^   ${P.address} +unresponsive `))
    assert.match(last[4], new RegExp(`^\\*  ${A.address} +healthy `))
    assert.match(last[last.length - 1], /^\d\d:\d\d:\d\d From /)
  }))

  test('watch erases nothing that it does not draw over at once', LIMIT, inTerminal(async start => {
    const terminal = start('watch')
    await terminal.shows(/mode multi: 4 of 4 daemons healthy/)
    terminal.press('q')
    await terminal.ended
    assert.ok(!terminal.output.includes('\x1b[2J'))
    const drawn = pictures(terminal.output).map(lines => lines.join('\n'))
    for (let index = 1; index < drawn.length; index++) assert.notEqual(drawn[index], drawn[index - 1])
  }))

  for (const [name, end] of [
    ['Ctrl-C', terminal => terminal.press('\x03')],
    ['q', terminal => terminal.press('q')],
    ['SIGTERM', terminal => process.kill(terminal.pid, 'SIGTERM')]
  ]) {
    test(`after ${name} the terminal is as it was`, LIMIT, inTerminal(async start => {
      const terminal = start('watch', { before: 'echo "before $(stty -g)"', after: 'echo "after $(stty -g)"' })
      await terminal.shows(/mode multi/)
      end(terminal)
      assert.equal(await terminal.ended, 0)
      const { output } = terminal
      const [before, after] = ['before', 'after'].map(word => new RegExp(`${word} ([0-9a-f:]+)`).exec(output)[1])
      assert.equal(after, before)
      assert.ok(output.indexOf(ENTER) !== -1 && output.lastIndexOf(LEAVE) > output.lastIndexOf(ENTER))
      assert.ok(output.lastIndexOf(SHOW_CURSOR) > output.lastIndexOf('\x1b[?25l'))
      assert.ok(output.indexOf('after') > output.lastIndexOf(LEAVE))
    }))
  }

  test('no line is wider, and no picture higher, than the terminal', LIMIT, inTerminal(async start => {
    const terminal = start('watch', { columns: 40, rows: 6 })
    await terminal.shows(/healthy/)
    terminal.press('q')
    await terminal.ended
    for (const lines of pictures(terminal.output)) {
      assert.ok(lines.length <= 6, `${lines.length} lines`)
      assert.ok(lines.every(line => line.length <= 40), lines.join('\n'))
    }
  }))
})
