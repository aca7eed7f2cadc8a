'use strict'

const { layouts, readBlob, writeBlob } = require('../blob')
const { WORDS } = require('../shapes')
const { NO_PARAMS, OtherReply, RpcError, callMethod, notFound, ok, refuseWhenBusy } = require('./reply')

/** Seconds between two blocks, by which TurtleCoind turns difficulty into hashrate. */
const TARGET = 30
const ADDRESS_LENGTHS = [99, 187]
const LARGEST_RESERVE = 255
const UPGRADES = {
  heights: [
    187000, 350000, 440000, 620000, 700000, 800000, 1000000, 1200000, 1300000, 1400000, 1600000, 1800000, 2000000, 2200000, 2400000,
    2600000, 2800000, 3000000
  ],
  supported: 2800000
}

/** What every generation of TurtleCoind with JSON-RPC tells in its info. */
function info ({ chain, peers, network }) {
  return {
    height: chain.count,
    difficulty: network.difficulty,
    tx_count: 0,
    tx_pool_size: 0,
    alt_blocks_count: chain.abandoned.length,
    outgoing_connections_count: peers.outgoing,
    incoming_connections_count: peers.incoming,
    white_peerlist_size: peers.outgoing,
    grey_peerlist_size: 0,
    last_known_block_index: Math.max(0, chain.networkHeight - 1),
    network_height: chain.networkHeight,
    hashrate: Math.round(network.difficulty / TARGET),
    synced: chain.count === chain.networkHeight,
    status: 'OK'
  }
}

/** Read in 0.24 and 0.28.3: it also has to have heard of a peer since its start, though its info may say that it is synced. */
function refuseWhenUnsynced ({ chain, needsSync }) {
  if (needsSync && !(chain.heard && chain.count >= chain.networkHeight)) throw new OtherReply(WORDS.unsynced)
}

/** What a database that has a block twice may do to whoever asks for a header. */
function failWhenBroken ({ damaged, damage }) {
  if (damaged && damage === 'broken') throw new OtherReply(WORDS.broken, 500)
}

/** Addresses that a daemon has once heard of, from the range that documents use. */
function peerList ({ peers }) {
  return Array.from({ length: peers.outgoing }, (_, index) => `198.51.100.${index + 1}:11897`)
}

function blockHeader (chain, block) {
  return {
    major_version: 3,
    minor_version: 0,
    timestamp: block.timestamp,
    prev_hash: block.prevHash,
    nonce: block.nonce,
    orphan_status: chain.isOrphan(block),
    height: block.height,
    depth: Math.max(0, chain.tip.height - block.height),
    hash: block.hash,
    difficulty: block.difficulty,
    reward: 2980232,
    num_txes: 1,
    block_size: 470
  }
}

const headerResult = (chain, block) => ({ status: 'OK', block_header: blockHeader(chain, block) })

function refuseHeader (daemon) {
  refuseWhenBusy(daemon)
  failWhenBroken(daemon)
}

/** The JSON-RPC methods that pools and their friends call: (daemon, params, exchange) gives the result or throws. */
const METHODS = {
  getblockcount: ({ chain }) => ({ status: 'OK', count: chain.count }),

  getlastblockheader (daemon) {
    refuseHeader(daemon)
    return headerResult(daemon.chain, daemon.chain.tip)
  },

  getblockheaderbyheight (daemon, { height } = NO_PARAMS) {
    refuseHeader(daemon)
    const block = daemon.chain.byHeight(daemon.countsFromOne ? height - 1 : height)
    if (block) return headerResult(daemon.chain, block)
    const top = daemon.chain.tip.height
    throw new RpcError(-2, `Requested block header for a height that is higher than the current blockchain height! Current height: ${top}`)
  },

  getblockheaderbyhash (daemon, { hash } = NO_PARAMS) {
    refuseHeader(daemon)
    const block = daemon.chain.byHash(hash)
    if (!block) throw new RpcError(-5, 'Block hash specified does not exist!')
    return headerResult(daemon.chain, block)
  },

  getblocktemplate (daemon, { wallet_address: address = '', reserve_size: reserveSize = 0 } = {}, { buildOn = daemon.chain.tip } = {}) {
    refuseWhenUnsynced(daemon)
    if (!(reserveSize <= LARGEST_RESERVE)) throw new RpcError(-3, `Too big reserved size, maximum allowed is ${LARGEST_RESERVE}`)
    const { length } = String(address)
    if (!ADDRESS_LENGTHS.includes(length)) {
      throw new RpcError(-4, `The address given is the wrong length. It should be 99 chars or 187 chars, but it is ${length} chars.`)
    }
    const { chain, network } = daemon
    const block = { prevHash: buildOn.hash, height: buildOn.height + 1, timestamp: Math.floor(Date.now() / 1000), reserveSize, seed: address }
    const { blob, reservedOffset } = writeBlob(layouts.turtlecoin, block)
    return { height: chain.count, difficulty: network.difficulty, reserved_offset: reservedOffset, blocktemplate_blob: blob, status: 'OK' }
  },

  async submitblock (daemon, blobs) {
    refuseWhenUnsynced(daemon)
    const count = Array.isArray(blobs) ? blobs.length : 0
    if (count !== 1) throw new RpcError(-1, `You must submit one and only one block blob! (Found ${count})`)
    if (!/^([0-9a-f]{2})*$/i.test(blobs[0])) throw new RpcError(-6, 'Submitted block blob is not hex!')
    const said = readBlob(blobs[0], layouts.turtlecoin)
    const outcome = said ? await daemon.submit(blobs[0], said) : 'invalid'
    if (outcome !== 'added' && outcome !== 'known') throw new RpcError(-7, 'Block not accepted')
    if (outcome === 'known' && daemon.refusesKnown) throw new RpcError(-7, 'Block not accepted')
    return { status: 'OK' }
  }
}

const PATHS = {
  '/info': daemon => ({
    ...info(daemon),
    upgrade_heights: (daemon.upgrades || UPGRADES).heights,
    supported_height: (daemon.upgrades || UPGRADES).supported,
    major_version: 3,
    minor_version: 0,
    version: '0.28.3',
    start_time: daemon.startTime
  }),
  '/height': ({ chain }) => ({ height: chain.count, network_height: chain.networkHeight, status: 'OK' }),
  '/peers': daemon => ({ peers: peerList(daemon), peers_gray: [], status: 'OK' }),
  '/fee': () => ({ address: '', amount: 0, status: 'OK' })
}

/** It answers a body that it cannot read in JSON, and calls it text. */
function unreadable (body) {
  const failed = 'Failed to parse request body as JSON'
  const warning = `Warning: received body is not JSON encoded!\nKey/value parameters are NOT supported.\nBody:\n${body}`
  return { status: 400, type: 'text/plain', body: { status: 'Failed', error: body ? warning + failed : failed } }
}

/** @returns {import('./reply').Envelope} */
const envelope = () => ({
  success: result => ({ jsonrpc: '2.0', result }),
  failure: ({ message, code }) => ({ jsonrpc: '2.0', error: { message, code } })
})

/** TurtleCoind 0.22 to 0.28.3: replies carry no id, and an unknown method is an unknown path. @type {import('.').Dialect} */
const dialect = {
  name: 'turtlecoin-0.28.3',
  envelope,
  hasLock: false,
  needsSync: true,

  answer (daemon, exchange) {
    const { verb, path, rpc, body } = exchange
    if (verb === 'POST' && path === '/json_rpc') {
      if (!rpc) return unreadable(body)
      if (!Object.hasOwn(METHODS, rpc.method)) return notFound
      return callMethod(METHODS[rpc.method], [daemon, rpc.params, exchange], envelope())
    }
    return Object.hasOwn(PATHS, path) ? ok(PATHS[path](daemon)) : notFound
  }
}

module.exports = { ...dialect, METHODS, info, peerList }
