'use strict'

// What the process that decides may need at any time, whatever its configuration says now. It is loaded when watching begins: later there may be
// no file descriptor left to load it with.

const createStatusServer = require('./status')
const Webhook = require('./status/webhook')

function createPage (multiDaemon, options) {
  return createStatusServer(multiDaemon, options)
}

function createWebhook (url, say) {
  return new Webhook(url, say)
}

module.exports = { createPage, createWebhook }
