'use strict'

const { isName } = require('./identity')
const { VERSION, isHost, isPort, isTime, parse } = require('./order')

/** Bytes that a host's card takes at most. */
const LONGEST_CARD = 16384
/** What of a host's lists is told to the others. */
const MOST_BLOCKS = 10
const MOST_DRAINED = 16

/** What others see of a host: as much of its status as tells what it uses, and what it has found. Its times are this host's. */
function summaryOf (status) {
  const { daemons, blocks } = status
  const drained = daemons.filter(({ drained }) => drained).slice(0, MOST_DRAINED)
  return onlyKnown(Object.assign({}, status, { drained, daemons: daemons.length, blocks: blocks.slice(-MOST_BLOCKS) }))
}

function pick ({ host, port, tls }) {
  return { host, port, tls }
}

/** A card as it stands in Redis, at a moment `at` by Redis' clock; `ahead` is how far that clock is ahead of this host's. The latest blocks are left out where it gets too long. */
function write ({ name, run, version }, summary, at, ahead) {
  const card = Object.assign({ v: VERSION, name, run, version, at: Math.round(at) }, shifted(summary, ahead))
  for (;;) {
    const text = JSON.stringify(card)
    if (Buffer.byteLength(text) <= LONGEST_CARD) return text
    if (card.blocks.length === 0) card.drained = []
    card.blocks = card.blocks.slice(1)
  }
}

/** Gives null where there is nothing, `{ nonsense }` where it is no card of this version, otherwise the card with its `age`; times in it are by Redis' clock. */
function read (text, now) {
  if (text === '') return null
  if (Buffer.byteLength(text) > LONGEST_CARD) return { nonsense: `is longer than ${LONGEST_CARD} bytes` }
  const value = parse(text)
  if (value === null) return { nonsense: 'is not what a host tells of itself' }
  if (value.v !== VERSION) return { nonsense: 'was written by another version' }
  if (!isCard(value)) return { nonsense: 'is not what a host tells of itself' }
  const { name, run, version, at } = value
  return { name, run, version, at, age: Math.max(0, now - at), summary: onlyKnown(value) }
}

/** A summary without anything that is not ours. */
function onlyKnown ({ enabled, mode, hold, current, pin, drained, head, healthy, daemons, blocks }) {
  return {
    enabled,
    mode,
    hold,
    current: pick(current),
    pin: pin && { daemon: pick(pin.daemon), until: pin.until },
    drained: drained.map(({ host, port }) => ({ host, port })),
    head: head && { height: head.height, hash: head.hash },
    healthy,
    daemons,
    blocks: blocks.map(blockOf)
  }
}

/** Times in a summary by another clock, which is so far ahead. */
function shifted (summary, ahead) {
  const { pin, blocks } = summary
  return Object.assign({}, summary, {
    pin: pin && Object.assign({}, pin, { until: Math.round(pin.until + ahead) }),
    blocks: blocks.map(block => Object.assign({}, block, { at: Math.round(block.at + ahead) }))
  })
}

function isCard ({ name, run, version, at, enabled, mode, hold, current, pin, drained, head, healthy, daemons, blocks }) {
  return isName(name) && isName(run) && isName(version) && isTime(at) && typeof enabled === 'boolean' && (mode === 'single' || mode === 'multi') &&
    typeof hold === 'boolean' && isDaemon(current) && (pin === null || (isObject(pin) && isDaemon(pin.daemon) && isTime(pin.until))) &&
    isListOf(drained, MOST_DRAINED, isAddress) && (head === null || (isObject(head) && isCount(head.height) && isHash(head.hash))) &&
    isCount(healthy) && isCount(daemons) && isListOf(blocks, MOST_BLOCKS, isBlock)
}

function isBlock (value) {
  return isObject(value) && isCount(value.id) && isTime(value.at) && isNullOr(isCount, value.height) && isNullOr(isHash, value.hash) && TOLD.includes(value.told) &&
    (value.late === undefined || typeof value.late === 'boolean') && isNullOr(isDaemon, value.by) && isCount(value.seen) && isNullOr(isCount, value.depth) && typeof value.orphaned === 'boolean'
}

const TOLD = ['pending', 'accepted', 'refused', 'unknown']

/** A host of an earlier version does not tell whether a block came too late. */
function blockOf ({ id, at, height, hash, told, late = false, by, seen, depth, orphaned }) {
  return { id, at, height, hash, told, late, by: by && pick(by), seen, depth, orphaned }
}

function isDaemon (value) {
  return isAddress(value) && typeof value.tls === 'boolean'
}

function isAddress (value) {
  return isObject(value) && isHost(value.host) && isPort(value.port)
}

function isCount (value) {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash (value) {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isNullOr (is, value) {
  return value === null || is(value)
}

function isListOf (value, most, is) {
  return Array.isArray(value) && value.length <= most && value.every(is)
}

function isObject (value) {
  return typeof value === 'object' && value !== null
}

module.exports = { LONGEST_CARD, read, shifted, summaryOf, write }
