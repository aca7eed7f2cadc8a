'use strict'

const { REQUEST, limitsOf, recoveryOf } = require('./limits')
const { OPTIONS } = require('./settings')

const COLUMNS = ['what', 'seen', 'allowed', '']
const HELD = 'held'
const BROKEN = 'BROKEN'

/** One table of everything, and a sentence for each thing that must not be. @param {import('./record').Record} record */
function printSummary (record) {
  console.log()
  printTable([...happened(record), ...took(record), ...grew(record)])
  console.log()
  const verdict = record.violations
  for (const text of verdict) console.log(`BROKEN  ${text}`)
  console.log(verdict.length === 0 ? `nothing broke${record.growth ? '' : '; there were too few rests to tell whether anything grows'}` : `${verdict.length} broken; seed ${record.seed} plays the same acts again`)
}

function happened ({ acts, world, asked, counts: { lone, cluster } }) {
  if (!lone || !cluster) return []
  const { split = 0, reorganise = 0, ...ills } = world
  const all = Object.values(ills).reduce((sum, count) => sum + count, 0)
  return [
    ['acts', `${acts.mild} mild, ${acts.storm} storms`],
    ['daemons that failed', `${all}, in ${Object.keys(ills).length} ways`],
    ['splits of the network, reorganisations', `${split}, ${reorganise}`],
    ['instances made, stopped, left to be collected', `${lone.made}, ${lone.stopped}, ${lone.dropped}`],
    ['threads that embedded the addon and were ended', lone.threads],
    ['workers that died', cluster.deaths],
    ['errors thrown by listeners', lone.thrown],
    ['refresh() in storms', lone.refreshes],
    ['rpc() answered, failed', `${lone.answered}, ${lone.failed}`],
    ['blocks taken', lone.blocks],
    ['visitors of the status page that were answered', lone.visits],
    ['requests of the pool\'s own', cluster.requests],
    ['getDaemon() asked', asked]
  ]
}

function took ({ longest, recovered }) {
  const { dead, astray } = limitsOf(OPTIONS)
  return [
    ['longest on a dead daemon in mode multi', longest.dead, dead],
    ['longest on a daemon astray in mode multi', longest.astray, astray],
    ['longest read by rpc()', longest.call, REQUEST],
    ['longest request of the pool\'s own', longest.request, REQUEST],
    ['longest until all daemons were healthy again', recovered, recoveryOf(OPTIONS)]
  ].map(([what, seen, allowed]) => [what, `${Math.round(seen)} ms`, `${allowed} ms`, seen > allowed ? BROKEN : HELD])
}

function grew ({ growth }) {
  if (!growth) return []
  return growth.map(({ name, measure, unit, before, after, allowed, grows }) => {
    const show = value => unit ? `${value.toFixed(2)} ${unit}` : String(value)
    return [`${measure} of the ${name}`, `${show(before)}, then ${show(after)}`, `${show(before + allowed)}`, grows ? BROKEN : HELD]
  })
}

function printTable (rows) {
  const cells = [COLUMNS, ...rows].map(row => COLUMNS.map((_, column) => row[column] === undefined ? '' : String(row[column])))
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map(row => row[column].length)))
  for (const row of cells) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd())
}

module.exports = { printSummary }
