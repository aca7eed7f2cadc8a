'use strict'

const { nameOfProcess, troubleOf } = require('../unheard')
const { isSame, nameOf } = require('../name')

/** The latest blocks of the pool that are named. */
const SHOWN_BLOCKS = 3

/** What a pool that runs tells of itself, beyond what a look at its daemons shows: lines. */
function poolLines (pool, now) {
  const { current, daemons } = pool
  const bad = daemons.filter(({ state, drained }) => state !== 'healthy' && !drained)
  return [
    `The pool that runs uses ${nameOf(current)}${isSame(current, pool.primary) ? ', its primary' : ''}.`,
    ...bad.map(daemon => `  ${nameOf(daemon)} is ${daemon.state} for the pool${daemon.reason ? `: ${daemon.reason.message}` : ''}`)
  ].concat(workLines(pool, now))
}

/** What became of its requests and blocks, and which of its processes ask: lines. */
function workLines ({ daemons, requests, blocks, processes = [] }, now) {
  return [
    `  requests  ${requestsIn(requests)}`,
    ...sentIn(daemons),
    ...blocks.slice(-SHOWN_BLOCKS).reverse().map(block => `  block     ${blockIn(block)}`),
    ...processes.map(process => `  process   ${processIn(process, now)}`)
  ]
}

function requestsIn ({ answered, rescued, failed, abandoned, held, hedges }) {
  const rest = [[rescued, 'rescued by another daemon'], [hedges, 'hedged'], [failed, 'failed'], [abandoned, 'abandoned by the client'], [held, 'held']]
  return [`${answered} answered`].concat(rest.map(([number, words]) => `${number} ${words}`)).join(', ')
}

function sentIn (daemons) {
  const asked = daemons.filter(({ requests }) => requests > 0)
  return asked.length > 0 ? [`  sent to   ${asked.map(daemon => `${nameOf(daemon)} ${daemon.requests}`).join(', ')}`] : []
}

function blockIn (block) {
  const { height, told, by } = block
  return `${height === null ? 'of unknown height' : height} ${told}${by ? ` by ${nameOf(by)}` : ''}, ${placeOf(block)}`
}

function placeOf ({ late, depth, orphaned }) {
  if (orphaned) return 'lost: another block has its place'
  if (late) return 'it came too late'
  return depth === null ? 'not seen in the chain' : `in the chain, ${depth} on top of it`
}

function processIn (process, now) {
  const trouble = troubleOf(process, now)
  return `${nameOfProcess(process)} ${trouble || (process.attached ? 'asks through the gateway' : 'has just started')}`
}

module.exports = { poolLines, workLines }
