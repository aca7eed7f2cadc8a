'use strict'

const { sha256 } = require('../block')
const { JSON_TYPE, notFound, ok } = require('./reply')
const { peerList } = require('./turtlecoin')

const REWARD = 2980232
const UPGRADES = {
  heights: [
    187000, 350000, 440000, 620000, 700000, 800000, 1000000, 1200000, 1300000, 1400000, 1600000, 1800000, 2000000, 2200000, 2400000,
    2600000, 2800000, 3000000, 3200000, 3400000, 3600000, 3800000, 4000000, 4200000, 4400000, 4600000, 4800000, 5000000, 5200000, 5400000,
    5500000
  ],
  supported: 5500000
}

const PATHS = {
  '/info': ({ chain, peers, network, startTime, upgrades }) => ({
    alternateBlockCount: chain.abandoned.length,
    difficulty: network.difficulty,
    explorer: true,
    greyPeerlistSize: 0,
    hashrate: Math.round(network.difficulty / 30),
    height: chain.count,
    incomingConnections: peers.incoming,
    lastBlockIndex: chain.tip.height,
    majorVersion: 1,
    minorVersion: 0,
    networkHeight: chain.networkHeight,
    outgoingConnections: peers.outgoing,
    startTime,
    supportedHeight: (upgrades || UPGRADES).supported,
    synced: chain.count === chain.networkHeight,
    transactionsPoolSize: 0,
    transactionsSize: 0,
    upgradeHeights: (upgrades || UPGRADES).heights,
    version: '1.0.1',
    whitePeerlistSize: peers.outgoing
  }),
  '/height': ({ chain }) => ({ height: chain.count, networkHeight: chain.networkHeight }),
  '/peers': daemon => ({ greyPeers: [], peers: peerList(daemon) }),
  '/fee': () => ({ address: '', amount: 0 }),
  '/block/count': ({ chain }) => chain.count,
  '/block/last': ({ chain }) => blockHeader(chain, chain.tip)
}

function blockHeader (chain, block) {
  return {
    alreadyGeneratedCoins: String(REWARD * (block.height + 1)),
    alreadyGeneratedTransactions: block.height + 1,
    baseReward: REWARD,
    depth: Math.max(0, chain.tip.height - block.height),
    difficulty: block.difficulty,
    hash: block.hash,
    height: block.height,
    majorVersion: 1,
    minorVersion: 0,
    nonce: block.nonce,
    orphan: chain.isOrphan(block),
    penalty: 0,
    prevHash: block.prevHash,
    reward: REWARD,
    size: 117,
    sizeMedian: 0,
    timestamp: block.timestamp,
    totalFeeAmount: 0,
    transactionCount: 1,
    transactions: [{ amountOut: REWARD, fee: 0, hash: sha256(`coinbase ${block.hash}`), size: 77 }],
    transactionsCumulativeSize: 77
  }
}

const refuse = (status, code, message) => ({ status, type: JSON_TYPE, body: { error: { code, message } } })

/** `/block/{height}` and `/block/{hash}` */
function blockAt ({ chain }, name) {
  if (/^[0-9a-f]{64}$/.test(name)) {
    const block = chain.byHash(name)
    return block ? ok(blockHeader(chain, block)) : refuse(404, 64, 'The requested hash could not be found.')
  }
  const block = chain.byHeight(Number(name))
  return block ? ok(blockHeader(chain, block)) : refuse(400, 63, 'Requested height cannot be greater than the top block height.')
}

/** TurtleCoind 1.0: REST only, which no pool can mine with. @type {import('.').Dialect} */
module.exports = {
  name: 'turtlecoin-1.0',
  envelope: () => ({ success: result => result, failure: error => ({ error }) }),
  hasLock: true,
  needsSync: false,

  answer (daemon, { verb, path }) {
    if (verb !== 'GET') return notFound
    if (Object.hasOwn(PATHS, path)) return ok(PATHS[path](daemon))
    const named = /^\/block\/([0-9]+|[0-9a-f]{64})$/.exec(path)
    return named ? blockAt(daemon, named[1]) : notFound
  }
}
