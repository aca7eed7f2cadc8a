'use strict'

/** The clients that pools may have made, each with its own way of saying that it is connected and of sending a command. */
const FAMILIES = [
  {
    // redis (node_redis) 0.12 to 3
    is: client => isFunction(client.send_command) && 'connected' in client,
    isReady: ({ connected, ready, stream }) => connected === true && ready === true && !(stream && stream.writable === false),
    send: (client, [name, ...args], callback) => client.send_command(name, args, callback)
  },
  {
    // ioredis
    is: client => isFunction(client.call) && typeof client.status === 'string',
    isReady: ({ status }) => status === 'ready',
    send: (client, [name, ...args], callback) => settle(client.call(name, ...args), callback)
  },
  {
    // redis 4 and later
    is: client => isFunction(client.sendCommand) && typeof client.isReady === 'boolean',
    isReady: ({ isReady }) => isReady === true,
    send: (client, words, callback) => settle(client.sendCommand(words.map(String)), callback)
  }
]

/** The pool's own client of Redis, used beside the pool: it is asked, and never closed, configured or listened to. */
class Client {
  /** Takes what `isClient` says is one. */
  constructor (client) {
    this.client = client
    this.family = familyOf(client)
  }

  /** Whether a command would be sent now. Otherwise the client keeps it until some day, and then sends what is long out of date. */
  isReady () {
    try {
      return this.family.isReady(this.client)
    } catch (error) {
      return false
    }
  }

  /** Sends one command, and calls back once, never at once: `(error, reply)`. Never throws. */
  send (words, callback) {
    let called = false
    const once = (error, reply) => {
      if (called) return
      called = true
      setImmediate(callback, error, reply)
    }
    try {
      this.family.send(this.client, words, once)
    } catch (error) {
      once(error)
    }
  }
}

/** Whether something is a client that can be used. */
function isClient (value) {
  return (typeof value === 'object' || isFunction(value)) && value !== null && familyOf(value) !== undefined
}

function familyOf (client) {
  return FAMILIES.find(({ is }) => is(client))
}

function settle (promise, callback) {
  promise.then(reply => callback(null, reply), error => callback(error || new Error('it was refused')))
}

function isFunction (value) {
  return typeof value === 'function'
}

module.exports = { Client, isClient }
