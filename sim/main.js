#!/usr/bin/env node
'use strict'

// `npm start`: the addon at work, on a simulated network with a story of faults, or on the daemons of a real pool.

const { readConfig } = require('../lib/cli/config-file')
const { isEnabled } = require('../lib/config')
const createStatusServer = require('../lib/status')
const { UsageError, mistakeIn } = require('../lib/cli/usage-error')
const { USAGE, readOptions } = require('./options')
const { Pool, heightOf } = require('./pool')
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
  const end = endOf(options.seconds)
  return options.config ? watchRealPool(options, end) : playStory(options, end)
}

async function playStory (options, end) {
  const stage = await Stage.open()
  try {
    const printer = printerFor(options, stage.names)
    printer.note(`${stage.network.daemons.length} simulated daemons, a block every ${stage.network.blockTime / 1000} s or so, a template every second`)
    return await watch(stage.config, printer, end, {
      port: portOf(options),
      address: stage.address,
      isGood: template => stage.isGood(template),
      meanwhile: async watcher => {
        stage.play(watcher, text => printer.fault(text), end.signal)
        do await tellStory(stage)
        while (options.seconds !== null)
      }
    })
  } finally {
    await stage.close()
  }
}

async function watchRealPool (options, end) {
  const config = readConfig(options.config)
  const address = config.poolServer && config.poolServer.poolAddress
  const printer = printerFor(options)
  return watch(config, printer, end, {
    file: options.config,
    port: portOf(options),
    address: address || null,
    meanwhile: () => new Promise(() => {})
  })
}

/**
 * Embeds the addon as a pool does, and tells what happens until the end.
 * @param {import('..').PoolConfig} config
 * @param {import('./printer').Printer} printer
 * @param {AbortController} end
 * @param {object} play
 * @param {string} [play.file]  where the configuration is from
 * @param {number | null} play.port  of the status page; null for none
 * @param {string | null} play.address
 * @param {(template: object) => boolean} [play.isGood]
 * @param {(watcher: import('..').MultiDaemon) => Promise<void>} play.meanwhile  what happens; its end is the end of all
 * @returns {Promise<number>} exit code
 */
async function watch (config, printer, end, { file, port, address, isGood, meanwhile }) {
  const watcher = embed(config, file)
  if (port !== null) servePage(watcher, port, printer)
  let switches = 0
  const report = () => printer.status(watcher.getStatus())
  watcher.on('switch', event => {
    switches++
    printer.switch(event)
  })
  watcher.on('daemon', (daemon, before) => printer.daemon(daemon, before))
  watcher.on('mode', mode => printer.mode(mode))
  const pool = new Pool({ getDaemon: () => watcher.getDaemon(), address, isGood })
  pool.on('template', (result, daemon, good) => printer.template(result, heightOf(result), daemon, good))
  pool.on('miss', (error, daemon) => printer.miss(error, daemon))
  const reports = setInterval(report, printer.statusInterval)
  try {
    if (!address) printer.note(`${file} has no poolServer.poolAddress: asking for getlastblockheader instead of getblocktemplate`)
    if (!watcher.getStatus().enabled) printer.note(`multiDaemon is missing or not enabled in ${file}: running on the primary alone`)
    pool.start()
    await Promise.race([watcher.ready, ended(end.signal)])
    report()
    await Promise.race([meanwhile(watcher), ended(end.signal)])
  } catch (error) {
    if (error.name !== 'AbortError') throw error
  } finally {
    clearInterval(reports)
    pool.stop()
    end.abort()
    await watcher.stop()
  }
  const { longestGap, good: templates, bad, misses } = pool
  report()
  printer.summary({ templates, bad, misses, longestGap, switches, what: address ? 'template' : 'header' })
  return longestGap > LONGEST_GOOD_GAP || (templates === 0 && !end.interrupted) ? 1 : 0
}

function embed (config, file) {
  const { MultiDaemon } = addon()
  try {
    return file && isEnabled(config) ? new MultiDaemon(config, lookingOn) : new MultiDaemon(config)
  } catch (error) {
    if (error.code !== 'ERR_MULTI_DAEMON_CONFIG' || !file) throw error
    throw mistakeIn(file, error)
  }
}

/** The pool itself has its ports, and posts to its webhook. */
function lookingOn (config, owner) {
  const Onlooker = require('../lib/onlooker')
  return new Onlooker(config, owner)
}

function servePage (watcher, port, printer) {
  watcher._page = createStatusServer(watcher, { port, say: (severity, text) => printer.note(text) })
}

/** Programs that read JSON look at no page, unless they say where it is to be. */
function portOf ({ port, json }) {
  return port === null && !json ? 0 : port
}

/** Loaded late, so that `--help` and a mistyped option need no build. */
function addon () {
  return require('..')
}

/** Ends everything: after so many seconds, or when somebody says so. */
function endOf (seconds) {
  const end = new AbortController()
  if (seconds !== null) setTimeout(() => end.abort(), seconds * 1000).unref()
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      end.interrupted = true
      end.abort()
    })
  }
  // A reader that leaves, as `head` does, has seen enough.
  process.stdout.on('error', () => {
    end.interrupted = true
    end.abort()
  })
  return end
}

function ended (signal) {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', resolve, { once: true })
  })
}

function printerFor ({ json }, names) {
  return json ? new JsonPrinter(process.stdout) : new TextPrinter(process.stdout, names)
}

if (require.main === module) {
  main(process.argv.slice(2)).catch(error => {
    console.error(error instanceof UsageError ? error.message : error)
    process.exitCode = error instanceof UsageError ? 2 : 1
  })
}

module.exports = { play }
