'use strict'

// Makes the pool's client of Redis, as each family's client is made: { module, family, port }.

const MAKERS = {
  redis: ({ createClient }, port) => createClient(port, '127.0.0.1'),
  'redis-5': ({ createClient }, port) => {
    const client = createClient({ socket: { host: '127.0.0.1', port } })
    client.connect().catch(() => {})
    return client
  },
  ioredis: (Redis, port) => new Redis(port, '127.0.0.1')
}

module.exports = function connect ({ module, family, port }) {
  global.redisClient = MAKERS[family](require(module), port)
  // The pools have no listener, and note in a file what nobody catches.
  global.redisClient.on('error', () => {})
}
