'use strict'

const { layouts, readBlob, writeBlob } = require('../blob')
const { NO_HASH, sha256 } = require('../block')
const { bootstrapped } = require('./bootstrap')
const { NO_PARAMS, RpcError, callMethod, notFound, ok, refuseUntilReady } = require('./reply')

const ADDRESS_LENGTHS = [95, 106]
const LARGEST_RESERVE = 255
const STATUS = { status: 'OK', untrusted: false }
/** Calls that cost money on some nodes carry these as well. */
const PAID = { credits: 0, status: 'OK', top_hash: '', untrusted: false }
const hex = number => `0x${number.toString(16)}`

/** It is synchronized from the moment when a peer has told it so, and nothing that peers claim later changes that. */
function info ({ chain, peers, network, restricted, startTime, isBusy, isReady, connections }) {
  const shown = restricted ? { incoming: 0, outgoing: 0 } : peers
  return {
    adjusted_time: Math.floor(Date.now() / 1000),
    alt_blocks_count: chain.abandoned.length,
    block_size_limit: 600000,
    block_size_median: 300000,
    block_weight_limit: 600000,
    block_weight_median: 300000,
    bootstrap_daemon_address: '',
    busy_syncing: isBusy,
    credits: 0,
    cumulative_difficulty: chain.tip.work,
    cumulative_difficulty_top64: 0,
    database_size: 180224,
    difficulty: network.difficulty,
    difficulty_top64: 0,
    free_space: restricted ? 2 ** 53 : 76658401280,
    grey_peerlist_size: 0,
    height: chain.count,
    height_without_bootstrap: chain.count,
    incoming_connections_count: shown.incoming,
    mainnet: false,
    nettype: 'fakechain',
    offline: false,
    outgoing_connections_count: shown.outgoing,
    restricted,
    rpc_connections_count: restricted ? 0 : connections,
    stagenet: false,
    start_time: restricted ? 0 : startTime,
    status: 'OK',
    synchronized: isReady,
    target: 120,
    target_height: !isReady && chain.networkHeight > chain.count ? chain.networkHeight : 0,
    testnet: false,
    top_block_hash: chain.tip.hash,
    top_hash: '',
    tx_count: 0,
    tx_pool_size: 0,
    untrusted: false,
    update_available: false,
    version: restricted ? '' : '0.18.0.0-unknown',
    was_bootstrap_ever_used: false,
    white_peerlist_size: shown.outgoing,
    wide_cumulative_difficulty: hex(chain.tip.work),
    wide_difficulty: hex(network.difficulty)
  }
}

function blockHeader (chain, block) {
  return {
    block_size: 85,
    block_weight: 85,
    cumulative_difficulty: block.work,
    cumulative_difficulty_top64: 0,
    depth: Math.max(0, chain.tip.height - block.height),
    difficulty: block.difficulty,
    difficulty_top64: 0,
    hash: block.hash,
    height: block.height,
    long_term_weight: 176470,
    major_version: 16,
    miner_tx_hash: sha256(`coinbase ${block.hash}`),
    minor_version: 16,
    nonce: block.nonce,
    num_txes: 0,
    orphan_status: chain.isOrphan(block),
    pow_hash: '',
    prev_hash: block.prevHash,
    reward: layouts.monero.reward,
    timestamp: block.timestamp,
    wide_cumulative_difficulty: hex(block.work),
    wide_difficulty: hex(block.difficulty)
  }
}

const headerResult = (chain, block) => ({ block_header: blockHeader(chain, block), ...PAID })

/** Live connections, which monerod lists one by one: to its siblings, and to peers from the ranges that documents use. */
function connectionList ({ peers, siblings }) {
  const outside = (count, range) => Array.from({ length: Math.max(0, count - siblings.length) }, (_, index) => {
    const host = `${range}.${index + 1}`
    return { host, peerId: sha256(host).slice(0, 16) }
  })
  const known = siblings.map(({ host, peerId }) => ({ host, peerId }))
  const connection = incoming => ({ host, peerId }) =>
    ({ address: `${host}:18080`, host, incoming, localhost: false, peer_id: peerId, port: '18080', state: 'normal' })
  return [
    ...[...known, ...outside(peers.incoming, '203.0.113')].map(connection(true)),
    ...[...known, ...outside(peers.outgoing, '198.51.100')].map(connection(false))
  ]
}

/** What it gives instead of its last header until it is synchronized, with status `BUSY`. */
const NO_HEADER = {
  block_size: 0,
  cumulative_difficulty: 0,
  cumulative_difficulty_top64: 0,
  depth: 0,
  difficulty: 0,
  difficulty_top64: 0,
  hash: '',
  height: 0,
  major_version: 0,
  miner_tx_hash: '',
  minor_version: 0,
  nonce: 0,
  num_txes: 0,
  orphan_status: false,
  pow_hash: '',
  prev_hash: '',
  reward: 0,
  timestamp: 0,
  wide_cumulative_difficulty: '',
  wide_difficulty: ''
}

function aboveTip (chain, height) {
  throw new RpcError(-2, `Requested block height: ${height} greater than current top block height: ${chain.tip.height}`)
}

/** (daemon, params, exchange) gives the result or throws an RpcError. */
const METHODS = {
  get_info: info,

  getblockcount: ({ chain }) => ({ count: chain.count, ...STATUS }),

  on_getblockhash ({ chain }, params) {
    const block = chain.byHeight(Array.isArray(params) ? params[0] : undefined)
    return block ? block.hash : NO_HASH
  },

  getlastblockheader (daemon) {
    return daemon.isReady ? headerResult(daemon.chain, daemon.chain.tip) : { block_header: NO_HEADER, ...PAID, status: 'BUSY' }
  },

  getblockheaderbyheight ({ chain }, { height } = NO_PARAMS) {
    const block = chain.byHeight(height)
    return block ? headerResult(chain, block) : aboveTip(chain, height)
  },

  getblockheaderbyhash ({ chain }, { hash } = NO_PARAMS) {
    const block = chain.byHash(hash)
    if (!block) throw new RpcError(-5, `Internal error: can't get block by hash. Hash = ${hash}.`)
    return headerResult(chain, block)
  },

  get_connections (daemon) {
    if (daemon.restricted) throw new RpcError(-32601, 'Method not found')
    return { connections: connectionList(daemon), ...STATUS }
  },

  getblocktemplate (daemon, { wallet_address: address = '', reserve_size: reserveSize = 0 } = {}, { buildOn = daemon.chain.tip } = {}) {
    refuseUntilReady(daemon)
    if (!(reserveSize <= LARGEST_RESERVE)) throw new RpcError(-3, `Too big reserved size, maximum ${LARGEST_RESERVE}`)
    if (!ADDRESS_LENGTHS.includes(String(address).length)) throw new RpcError(-4, 'Failed to parse wallet address')
    const { chain, network } = daemon
    const block = { prevHash: buildOn.hash, height: buildOn.height + 1, timestamp: Math.floor(Date.now() / 1000), reserveSize, seed: address }
    const { blob, header, reservedOffset } = writeBlob(layouts.monero, block)
    return {
      blockhashing_blob: header + sha256(blob) + '01',
      blocktemplate_blob: blob,
      difficulty: network.difficulty,
      difficulty_top64: 0,
      expected_reward: layouts.monero.reward,
      height: chain.count,
      next_seed_hash: '',
      prev_hash: buildOn.hash,
      reserved_offset: reservedOffset,
      seed_hash: network.genesis.hash,
      seed_height: 0,
      ...STATUS,
      wide_difficulty: hex(network.difficulty)
    }
  },

  async submitblock (daemon, blobs) {
    if (!daemon.isReady) return { ...STATUS, status: 'BUSY' }
    if (!Array.isArray(blobs) || blobs.length !== 1) throw new RpcError(-1, 'Wrong param')
    const said = readBlob(blobs[0], layouts.monero)
    if (!said) throw new RpcError(-6, 'Wrong block blob')
    const outcome = await daemon.submit(blobs[0], said)
    if (outcome === 'invalid') throw new RpcError(-7, 'Block not accepted')
    if (outcome === 'known' && daemon.refusesKnown) throw new RpcError(-7, 'Block not accepted')
    // So it says of a block on one that it does not know as well, and forgets it.
    return STATUS
  }
}

/** Every method has a name with underscores as well. */
const ALIASES = {
  get_block_count: 'getblockcount',
  on_get_block_hash: 'on_getblockhash',
  get_last_block_header: 'getlastblockheader',
  get_block_header_by_height: 'getblockheaderbyheight',
  get_block_header_by_hash: 'getblockheaderbyhash',
  get_block_template: 'getblocktemplate',
  submit_block: 'submitblock'
}

const height = ({ chain }) => ({ hash: chain.tip.hash, height: chain.count, ...STATUS })
const PATHS = { '/get_info': info, '/getinfo': info, '/get_height': height, '/getheight': height }

/** @returns {import('./reply').Envelope} */
const envelope = ({ id = 0 } = {}) => ({
  success: result => ({ id, jsonrpc: '2.0', result }),
  failure: ({ code, message }) => ({ error: { code, message }, id, jsonrpc: '2.0' })
})

function canonical (method) {
  return Object.hasOwn(ALIASES, method) ? ALIASES[method] : method
}

function call (daemon, exchange) {
  const { method, rpc: { params } } = exchange
  if (!Object.hasOwn(METHODS, method)) throw new RpcError(-32601, 'Method not found')
  if (daemon.bootstrap) return bootstrapped(daemon, method, METHODS[method], [params, exchange])
  return METHODS[method](daemon, params, exchange)
}

/** monerod 0.18. @type {import('.').Dialect} */
module.exports = {
  name: 'monerod',
  envelope,
  canonical,
  hasLock: true,
  needsSync: false,

  answer (daemon, exchange) {
    const { path, rpc, body } = exchange
    if (path === '/json_rpc') {
      if (!rpc) return ok(envelope().failure(body ? new RpcError(-32700, 'Parse error') : new RpcError(-32600, 'Invalid Request')))
      return callMethod(call, [daemon, exchange], envelope(rpc))
    }
    if (!Object.hasOwn(PATHS, path)) return { ...notFound, type: 'text/plain' }
    return ok(daemon.bootstrap ? bootstrapped(daemon, path, PATHS[path], []) : PATHS[path](daemon))
  }
}
