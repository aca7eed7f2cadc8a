'use strict'

// What is changed in which pool. An anchor is as much of a pool's line as tells it from the others; what comes there is our own.
//
// An edit: `what`, for people; `anchor`, which has to be there once (`many`: once or more often); one of `after`, `inside`, `before` and `change`, which give
// the new lines after the anchor's line, after it in the block that it opens, before it, or the text in the anchor's place; `done`, by which the edit is known where it
// was made already, by this command or by hand. A `many` anchor does not match where its edit was made. `each`, for some, is a looser look at what may be such a place: a
// pool that has one more of them, in other words, is not edited by half.

const NAME = 'turtle-pool-multi-daemon'
const MULTI_DAEMON = `require('${NAME}').current()`

/** In `init.js`, which every process of a pool runs. */
const LOADER = /\brequire\(['"]\.\/lib\/configReader\b/

const ONE_LINE = {
  what: 'the line that attaches the addon, after configReader.js and logger.js are loaded',
  anchor: /^[ \t]*require\(['"]\.\/lib\/(?:configReader|logger)(?:\.js)?['"]\);?(?:[ \t]*\/\/.*|[ \t]*)$(?![^]*^[ \t]*require\(['"]\.\/lib\/(?:configReader|logger)\b)(?=[^]*cluster\.isWorker)/m,
  after: () => [`require('${NAME}').attach(global.config, { log: global.log })`],
  done: new RegExp(`['"]${NAME}['"]`)
}

/** turtle-pool asks for a template, and takes it if it is higher. */
const TURTLE_POOL = [
  {
    what: 'the addon, after apiInterfaces.js is loaded',
    anchor: /^(?:var|let|const) apiInterfaces = require\(.*$/m,
    after: () => [`var multiDaemon = ${MULTI_DAEMON}`],
    done: /^(?:var|let|const) multiDaemon\b/m
  },
  {
    what: 'work in BlockTemplate',
    anchor: /^[ \t]*this\.height = template\.height;?[ \t]*$/m,
    after: () => ['this.work = template.work'],
    done: /this\.work = template\.work\b/
  },
  {
    what: 'work in getBlockTemplate',
    anchor: /^[ \t]*function getBlockTemplate ?\(callback\) ?\{(?=\s*apiInterfaces\.rpcDaemon\()/m,
    inside: step => [
      'var work = multiDaemon ? multiDaemon.work : 0',
      'var takeTemplate = callback',
      'callback = function (error, result) {',
      `${step}if (result) result.work = work`,
      `${step}takeTemplate(error, result)`,
      '}'
    ],
    done: /result\.work = work\b/
  },
  {
    what: 'the comparison of heights, or of the blocks before, in jobRefresh',
    anchor: /(?:result\.height > currentBlockTemplate\.height|\w+\.toString\('hex'\) !==? currentBlockTemplate\.previous_hash\.toString\('hex'\))(?=\)\s*\{)/,
    change: (text, indent, step) => `result.work > currentBlockTemplate.work ||\n${indent}${step}(result.work === currentBlockTemplate.work && ${text})`,
    done: /result\.work > currentBlockTemplate\.work\b/
  },
  {
    what: 'the comparison of heights in getJob',
    anchor: /this\.lastBlockHeight === currentBlockTemplate\.height(?=\s*&&)/,
    each: /\blastBlockHeight\s*===?[^=]/,
    change: () => 'this.lastTemplate === currentBlockTemplate',
    done: /this\.lastTemplate === currentBlockTemplate\b/
  },
  {
    what: 'the last height in getJob',
    anchor: /^[ \t]*this\.lastBlockHeight = currentBlockTemplate\.height;?[ \t]*$(?!\s*this\.lastTemplate)/m,
    each: /\blastBlockHeight\s*=[^=]/,
    many: true,
    after: () => ['this.lastTemplate = currentBlockTemplate'],
    done: /this\.lastTemplate = currentBlockTemplate\b/
  },
  {
    what: 'extraNonce of the new job in getJob',
    anchor: /^[ \t]*extraNonce: currentBlockTemplate\.extraNonce,[ \t]*$(?!\s*template:)(?![^}]*\btemplate: currentBlockTemplate\b(?!\.))/m,
    each: /\bextraNonce['"]?\s*:/,
    many: true,
    after: () => ['template: currentBlockTemplate,'],
    done: /\btemplate: currentBlockTemplate\b(?!\.)/
  },
  {
    what: 'the lookup of a share\'s template by its height',
    anchor: /currentBlockTemplate\.height === job\.height\s*\?[^]{1,150}?\)\[0\]/,
    change: () => 'currentBlockTemplate === job.template || validBlockTemplates.indexOf(job.template) !== -1 ? job.template : null',
    done: /currentBlockTemplate === job\.template\b/
  }
]

/** cryptonote-nodejs-pool asks for a template when the top block is another one, and compares what each is built on. Only its cache of jobs knows heights. */
const CRYPTONOTE_NODEJS_POOL = [
  {
    what: 'the comparison of heights in getJob',
    anchor: /this\.lastBlockHeight === blockTemplate\.height(?=\s*&&)/,
    each: /\blastBlockHeight\s*===?[^=]/,
    many: true,
    change: () => 'this.lastTemplate === blockTemplate',
    done: /this\.lastTemplate === blockTemplate\b/
  },
  {
    what: 'the last height in getJob',
    anchor: /^[ \t]*this\.lastBlockHeight = blockTemplate\.height;?[ \t]*$(?!\s*this\.lastTemplate)/m,
    each: /\blastBlockHeight\s*=[^=]/,
    many: true,
    after: () => ['this.lastTemplate = blockTemplate'],
    done: /this\.lastTemplate = blockTemplate\b/
  }
]

/** The worker that fetches its templates forgets a block before it asks for the template, and knows it again once it has one. */
const CRYPTONOTE_NODEJS_POOL_DAEMON = [
  {
    what: 'the declaration of lastHash',
    anchor: /^(?:var|let) lastHash;?[ \t]*$/m,
    after: () => [`let multiDaemon = ${MULTI_DAEMON}`, 'let lastWork = 0'],
    done: /^(?:var|let|const) multiDaemon\b/m
  },
  {
    what: 'the comparison of lastHash',
    anchor: /lastHash !== hash(?=\) ?\{)/,
    change: text => `${text} || (multiDaemon && lastWork !== multiDaemon.work)`,
    done: /lastWork !== multiDaemon\.work\b/
  },
  {
    what: 'the function that asks for a template',
    anchor: /^[ \t]*function ?\(getbc, callback\) ?\{/m,
    inside: () => ['let asked = { hash: lastHash, work: multiDaemon ? multiDaemon.work : 0 }', 'lastHash = null'],
    done: /\basked = \{ hash: lastHash\b/
  },
  {
    what: 'the message with a new template',
    anchor: /^[ \t]*process\.send\(\{(?=\s*type: ['"]BlockTemplate['"],\s*block: res\.result\b)/m,
    before: () => ['lastHash = asked.hash', 'lastWork = asked.work'],
    done: /lastWork = asked\.work\b/
  }
]

/** Each pool by its sources: `marks` are in them. The first that fits is it. */
const POOLS = [
  {
    name: 'cryptonote-nodejs-pool',
    marks: { 'init.js': LOADER, 'lib/daemon.js': /\blastHash\b/, 'lib/pool.js': /\bprocessBlockTemplate\b/ },
    edits: { 'init.js': [ONE_LINE], 'lib/daemon.js': CRYPTONOTE_NODEJS_POOL_DAEMON, 'lib/pool.js': CRYPTONOTE_NODEJS_POOL }
  },
  {
    name: 'turtle-pool',
    marks: { 'init.js': LOADER, 'lib/pool.js': /\bfunction jobRefresh\b/ },
    edits: { 'init.js': [ONE_LINE], 'lib/pool.js': TURTLE_POOL }
  }
]

/** The names of all files that pools have edits for. */
function filesOf (pools) {
  return Array.from(new Set([].concat(...pools.map(({ edits }) => Object.keys(edits)))))
}

module.exports = { NAME, POOLS, filesOf }
