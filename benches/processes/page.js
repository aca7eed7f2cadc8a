'use strict'

// Measures how long the event loop is kept, and how late it is, while another process looks at the status page or nobody does.

const { spawn } = require('node:child_process')
const { performance, monitorEventLoopDelay } = require('node:perf_hooks')
const { setTimeout: sleep } = require('node:timers/promises')
const { median } = require('../figure')
const { MultiDaemon } = require('../..')

const LOOKER = "require('node:http').get(process.argv[1] + 'events', response => response.resume())"

async function main ({ config, looking, milliseconds }) {
  const { partsOf } = require('../../lib/parts')
  const pool = new MultiDaemon(config)
  await pool.ready
  if (!looking) return tell(await delayIn(milliseconds), pool)
  const page = partsOf(pool).servePage({ port: 0 })
  const looker = spawn(process.execPath, ['-e', LOOKER, await page.listening], { stdio: 'ignore' })
  const times = timesOf(page.feed, 'tell')
  while (page.feed.watchers.size === 0) await sleep(10)
  times.length = 0
  const delay = await delayIn(milliseconds)
  looker.kill()
  times.sort((one, other) => one - other)
  return tell(delay, pool, { messages: times.length, messageMedian: median(times), messageP99: times[Math.ceil(times.length * 0.99) - 1] })
}

/** The milliseconds that each call of a method takes, from now on. */
function timesOf (object, name) {
  const times = []
  const method = object[name]
  object[name] = function (...args) {
    const start = performance.now()
    method.apply(object, args)
    times.push(performance.now() - start)
  }
  return times
}

/** In milliseconds, the 99th percentile. */
async function delayIn (milliseconds) {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  await sleep(milliseconds)
  histogram.disable()
  return histogram.percentile(99) / 1e6
}

async function tell (delay, pool, more) {
  console.log(JSON.stringify({ delay, ...more }))
  await pool.stop()
}

main(JSON.parse(process.argv[2]))
