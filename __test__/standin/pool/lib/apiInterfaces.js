'use strict'

// How the pools ask a daemon: where to is read at every request, nothing limits the time, and the callback gets the reply's
// error and result.

const http = require('http')
const https = require('https')

function requestJson (host, port, data, callback) {
  const headers = { 'Content-Length': data.length, 'Content-Type': 'application/json', Accept: 'application/json' }
  const options = { hostname: host, port, path: '/json_rpc', method: 'POST', headers }
  const request = (port === 443 ? https : http).request(options, reply => {
    let text = ''
    reply.setEncoding('utf8')
    reply.on('data', chunk => { text += chunk })
    reply.on('end', () => {
      let json
      try {
        json = JSON.parse(text)
      } catch (error) {
        return callback(error)
      }
      callback(null, json)
    })
  })
  request.on('error', error => callback(error))
  request.end(data)
}

/** Kept by every module for as long as the process lives, as the pools do. */
const daemonConfig = global.config.daemon

function rpcDaemon (method, params, callback) {
  const data = JSON.stringify({ id: '0', jsonrpc: '2.0', method, params })
  requestJson(daemonConfig.host, daemonConfig.port, data, (error, reply) => {
    if (error) return callback(error)
    callback(reply.error, reply.result)
  })
}

module.exports = { rpcDaemon }
