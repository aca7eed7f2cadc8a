#!/usr/bin/env node
'use strict'

// `npm run bench`: measures what the addon costs a pool, each thing beside what could be used instead. It asserts nothing:
// the targets are printed beside the figures.

const { printJson, printTable } = require('./printer')
const simulated = require('./simulated')

/** Each gives its figures; `short` asks for fewer rounds, to see whether it works at all. */
const BENCHMARKS = {
  getdaemon: require('./getdaemon'),
  startup: require('./startup'),
  decision: require('./decision'),
  poll: require('./poll'),
  failover: require('./failover'),
  gateway: require('./gateway'),
  followers: require('./followers'),
  scale: require('./scale'),
  page: require('./page'),
  weeks: simulated('weeks', 2),
  harsh: simulated('harsh', 40),
  regions: simulated('regions', 10)
}
const OPTIONS = ['--json', '--short', '--write']
const USAGE = `usage: npm run bench -- [${Object.keys(BENCHMARKS).join(' | ')} ...] [${OPTIONS.join('] [')}]`

async function main (args) {
  const { names, json, short, write } = readOptions(args)
  const results = new Map()
  for (const name of names) {
    if (!json) console.log(`== ${name}`)
    const figures = await BENCHMARKS[name]({ short })
    results.set(name, figures)
    if (json) printJson(name, figures)
    else printTable(figures)
  }
  if (write) require('./document')(results)
}

function readOptions (args) {
  const options = args.filter(arg => arg.startsWith('--'))
  const names = args.filter(arg => !arg.startsWith('--'))
  const isKnown = arg => OPTIONS.includes(arg) || Object.hasOwn(BENCHMARKS, arg)
  const unknown = args.find(arg => !isKnown(arg))
  if (unknown) throw new Error(`unknown: ${unknown}\n${USAGE}`)
  return {
    names: names.length ? names : Object.keys(BENCHMARKS),
    json: options.includes('--json'),
    short: options.includes('--short'),
    write: options.includes('--write')
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error.message)
  // At once: what others had begun beside it ends with their channel to this process.
  process.exit(1)
})
