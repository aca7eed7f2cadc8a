'use strict'

const { RpcError } = require('./error')

/** What is asked: the method, its bytes on the wire, and whether asking twice does no harm. Throws on what is no call. */
class Call {
  constructor (method, params) {
    if (typeof method !== 'string' || method === '') throw new RpcError('ARGUMENT', 'rpc: the method is not a string')
    this.method = method
    this.kind = KINDS.get(method) || 'other'
    this.repeatable = this.kind !== 'other'
    this.body = `{"id":"0","jsonrpc":"2.0","method":${JSON.stringify(method)}${paramsText(method, params)}}`
    this.length = Buffer.byteLength(this.body)
  }
}

/**
 * The methods that may be asked twice, under the names of the CryptoNote and the Monero families. A block that a
 * daemon already has is accepted again. Of a method that is not here nobody knows what asking twice would do.
 */
const KINDS = new Map([
  ['getblocktemplate', 'template'],
  ['get_block_template', 'template'],
  ['getlastblockheader', 'read'],
  ['get_last_block_header', 'read'],
  ['getblockheaderbyheight', 'read'],
  ['get_block_header_by_height', 'read'],
  ['getblockheaderbyhash', 'read'],
  ['get_block_header_by_hash', 'read'],
  ['getblockcount', 'read'],
  ['get_block_count', 'read'],
  ['getinfo', 'read'],
  ['get_info', 'read'],
  ['submitblock', 'submission'],
  ['submit_block', 'submission']
])

function paramsText (method, params) {
  if (params === undefined) return ''
  const text = serialised(method, params)
  // A function or a symbol: JSON would leave it out without a word.
  if (text === undefined) throw new RpcError('ARGUMENT', `${method}: the params are a ${typeof params}, which is no JSON`)
  return `,"params":${text}`
}

function serialised (method, params) {
  try {
    return JSON.stringify(params)
  } catch (cause) {
    throw new RpcError('ARGUMENT', `${method}: the params cannot be written as JSON: ${cause && cause.message}`, { cause })
  }
}

module.exports = Call
