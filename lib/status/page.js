'use strict'

const { createHash } = require('crypto')
const fs = require('fs')
const path = require('path')

const { HEADERS } = require('./exchange')

const FOLDER = path.join(__dirname, 'page')
/** In the order in which they need one another. */
const SCRIPTS = ['../../words.js', 'words.js', 'dom.js', 'summary.js', 'chains.js', 'table.js', 'blocks.js', 'requests.js', 'hosts.js', 'timeline.js', 'orders.js', 'main.js']

const style = read('page.css')
/** What Node.js would load says there what it gives. */
const MODULE = 'const module = {}'
const script = `(function () {\n'use strict'\n${MODULE}\n${SCRIPTS.map(read).join('\n')}\n})()`

/** One page with everything in it: the browser has to ask nobody for anything else. */
const html = read('page.html').replace('/* style */', () => style).replace('/* script */', () => script)

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': HEADERS['Content-Security-Policy'].replace("default-src 'none'",
    `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; img-src data:`)
}

function read (name) {
  return fs.readFileSync(path.join(FOLDER, name), 'utf8')
}

/** What stands between the tags, and nothing else, may run. */
function hashOf (text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

module.exports = { headers, html }
