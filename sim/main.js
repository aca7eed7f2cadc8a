#!/usr/bin/env node
'use strict'

// `npm start`: the addon at work as in a pool, on a simulated network with a story of faults.

const { UsageError } = require('../lib/cli/usage-error')
const { partsOf } = require('../lib/parts')
const { USAGE, readOptions } = require('./options')
const { Pool } = require('./pool')
const { JsonPrinter, TextPrinter } = require('./printer')
const { Stage } = require('./stage')
const { tellStory } = require('./story')

/** A pool that gets no template for so long is losing money: the exit code says so. */
const LONGEST_GOOD_GAP = 5000

async function main (args) {
  if (readOptions(args).help) return console.log(USAGE)
  process.exitCode = await play(args)
}

/** What the arguments ask for. @param {string[]} args @returns {Promise<number>} exit code */
async function play (args) {
  const options = readOptions(args)
  const stage = await Stage.open()
  try {
    return await playOn(stage, options)
  } finally {
    await stage.close()
  }
}

/** Attaches the addon to a pool, plays the story, and tells what happens until the end. @returns {Promise<number>} exit code */
async function playOn (stage, options) {
  const { config, network } = stage
  const end = endOf(options.seconds)
  const printer = options.json ? new JsonPrinter(process.stdout) : new TextPrinter(process.stdout, stage.names)
  printer.note(`${network.daemons.length} simulated daemons, a block every ${network.blockTime / 1000} s or so, a template every second`)
  // Loaded late, so that `--help` and a mistyped option need no build.
  const watcher = require('..').attach(config, { log: () => {} })
  printer.note(`the pool asks the gateway at ${config.daemon.host}:${config.daemon.port}, whatever happens to the daemons`)
  const port = portOf(options)
  if (port !== null) servePage(watcher, port, printer)
  const pool = new Pool({ config, address: stage.address, isGood: template => stage.isGood(template) })
  const counts = listen(watcher, pool, printer)
  const reports = setInterval(() => printer.status(watcher.getStatus()), printer.statusInterval)
  try {
    pool.start()
    await Promise.race([watcher.ready, ended(end.signal)])
    printer.status(watcher.getStatus())
    stage.play(watcher, pool, text => printer.fault(text), end.signal)
    await Promise.race([repeat(stage, options.seconds !== null), ended(end.signal)])
  } catch (error) {
    if (error.name !== 'AbortError') throw error
  } finally {
    clearInterval(reports)
    pool.stop()
    end.abort()
    await watcher.stop()
  }
  return conclude(watcher, pool, printer, counts, end)
}

async function repeat (stage, again) {
  do await tellStory(stage)
  while (again)
}

/** Prints what happens, and counts some of it. */
function listen (watcher, pool, printer) {
  const counts = { switches: 0, lost: 0 }
  watcher.on('switch', event => {
    counts.switches++
    printer.switch(event)
  })
  watcher.on('daemon', (daemon, before) => printer.daemon(daemon, before))
  watcher.on('mode', mode => printer.mode(mode))
  watcher.on('submitted', block => printer.block(block))
  watcher.on('lost', () => counts.lost++)
  pool.on('template', (result, good) => printer.template(result.height, watcher.getDaemon(), good))
  pool.on('miss', error => printer.miss(error, watcher.getDaemon()))
  return counts
}

function conclude (watcher, pool, printer, { switches, lost }, end) {
  const { longestGap, good: templates, bad, misses } = pool
  const status = watcher.getStatus()
  const refused = status.blocks.filter(({ told }) => told === 'refused' || told === 'unknown').length
  const blocks = { found: status.blocks.length, lost: lost + refused }
  printer.status(status)
  printer.summary({ templates, bad, misses, longestGap, switches, blocks })
  return longestGap > LONGEST_GOOD_GAP || blocks.lost > 0 || (templates === 0 && !end.interrupted) ? 1 : 0
}

function servePage (watcher, port, printer) {
  partsOf(watcher).servePage({ port, say: (severity, text) => printer.note(text) })
}

/** Programs that read JSON look at no page, unless they say where it is to be. */
function portOf ({ port, json }) {
  return port === null && !json ? 0 : port
}

/** Ends everything: after so many seconds, or when somebody says so. */
function endOf (seconds) {
  const end = Object.assign(new AbortController(), { interrupted: false })
  if (seconds !== null) setTimeout(() => end.abort(), seconds * 1000).unref()
  const interrupt = () => {
    end.interrupted = true
    end.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt)
  // A reader that leaves, as `head` does, has seen enough.
  process.stdout.on('error', interrupt)
  return end
}

function ended (signal) {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', resolve, { once: true })
  })
}

if (require.main === module) {
  main(process.argv.slice(2)).catch(error => {
    console.error(error instanceof UsageError ? error.message : error)
    process.exitCode = error instanceof UsageError ? 2 : 1
  })
}

module.exports = { play }
