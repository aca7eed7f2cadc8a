#!/usr/bin/env node
'use strict'

// Makes the pictures of the status page that README and docs show, from the simulated network: `screenshots.js [FOLDER]`.
// Takes Chromium; with pngquant on the PATH the pictures are a third of the size.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { launch } = require('../__test__/support/browser')
const { findProgram } = require('../__test__/support/program')
const { partsOf } = require('../lib/parts')
const { fail } = require('./build')
const { setTimeout: sleep } = require('node:timers/promises')
const { SimNetwork, faults, until } = require('../sim')

const FOLDER = path.join(__dirname, '..', 'docs', 'screenshots')
const BLOCKS = 24
/** Milliseconds between two blocks: what happened has to be seen in the timeline as well. */
const PACE = 250
const SIZE = { width: 1040, height: 700 }
/** Milliseconds that each daemon takes to answer a request. */
const LATENCIES = [1, 5, 16, 9]

/** Each is what happens, one after the other, and the name of the picture that is made then. */
const SCENES = [
  ['all-well', async stage => {
    await live(stage, BLOCKS)
    await atTheHead(stage, [0, 1, 2, 3])
  }],
  ['forked', async stage => {
    const { network, multiDaemon, daemons: [primary, second, third, fourth] } = stage
    network.partition(primary)
    network.mine(3, { on: primary })
    network.mine(4, { on: [second, third, fourth] })
    await poll(multiDaemon, 3)
    await until(() => multiDaemon.getStatus().daemons[0].reason !== null, { timeout: 30000, what: 'a fork is seen' })
    for (let block = 0; block < 4; block++) {
      await sleep(PACE)
      network.mine(1, { on: [second, third, fourth] })
      await poll(multiDaemon, 1)
    }
    await atTheHead(stage, [1, 2, 3])
  }],
  ['single', async stage => {
    const { network, multiDaemon, daemons: [, , third, fourth] } = stage
    network.heal()
    await live(stage, 8)
    await third.crash()
    fourth.lag(7)
    await live(stage, 4)
    await until(() => multiDaemon.getStatus().mode === 'single', { timeout: 30000, what: 'too few daemons are left' })
    await atTheHead(stage, [0, 1])
  }]
]

async function main ([folder = FOLDER]) {
  if (!findProgram('chromium')) fail('chromium is not on the PATH (apt-get install chromium)')
  fs.mkdirSync(folder, { recursive: true })
  const stage = await openStage()
  const browser = await launch()
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' })
    await page.goto(await stage.page.listening)
    for (const [name, happen] of SCENES) {
      await happen(stage)
      await take(page, stage, folder, name)
    }
  } finally {
    await browser.close()
    await stage.multiDaemon.stop()
    await stage.network.close()
  }
}

/** So many blocks, each of which is seen. */
async function live ({ network, multiDaemon }, blocks) {
  for (let block = 0; block < blocks; block++) {
    await sleep(PACE)
    network.mine(1)
    await poll(multiDaemon, 1)
  }
}

/** Polls until these daemons have shown the last block: a block that arrives during a round is seen by some only. */
async function atTheHead ({ multiDaemon }, places) {
  while (places.some(place => multiDaemon.getStatus().daemons[place].lag !== 0)) await poll(multiDaemon, 1)
}

async function openStage () {
  const { MultiDaemon } = require('..')
  const network = await SimNetwork.start(LATENCIES.map((_, index) => ({ host: `127.0.1.${index + 1}`, port: 11898 })), { height: 1204300, blockTime: 1000, seed: 7 })
  const { daemons } = network
  const [daemon, ...others] = daemons.map(({ host, port }) => ({ host, port }))
  const multiDaemon = new MultiDaemon({ coinDifficultyTarget: 30, daemon, multiDaemon: { enabled: true, daemons: others, pollingInterval: 60000 } })
  const page = partsOf(multiDaemon).servePage({ port: 0 })
  await multiDaemon.ready
  daemons.forEach((daemon, index) => daemon.behave(faults.slow(LATENCIES[index])))
  return { network, daemons, multiDaemon, page }
}

async function poll (multiDaemon, times) {
  for (let time = 0; time < times; time++) {
    await multiDaemon.refresh()
    partsOf(multiDaemon).page.look()
  }
}

/** Once the page shows what is known now. The first picture is of all of it, the others of its upper half. */
async function take (page, { multiDaemon }, folder, name) {
  const file = path.join(folder, `${name}.png`)
  const { mode, head, daemons } = multiDaemon.getStatus()
  await page.locator('#facts', { hasText: new RegExp(`Mode\\s*${mode}.*Head\\s*${head.height}`, 's') }).waitFor()
  await page.waitForFunction(showsLags, daemons.map(({ lag }) => String(lag)))
  const end = await page.locator(name === SCENES[0][0] ? 'main' : '#daemons').boundingBox()
  await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width: SIZE.width, height: end.y + end.height + 32 } })
  if (findProgram('pngquant')) spawnSync('pngquant', ['--force', '--skip-if-larger', '--strip', '--output', file, '128', file])
  console.log(`${path.relative(process.cwd(), file)}: ${fs.statSync(file).size} bytes`)
}

/** In the page. */
function showsLags (lags) {
  const cells = Array.from(document.querySelectorAll('#daemons [data-label=Lag]'))
  return cells.length === lags.length && cells.every((cell, index) => cell.textContent === lags[index])
}

main(process.argv.slice(2)).catch(error => fail(error.stack))
