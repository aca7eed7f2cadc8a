'use strict'

// Pools of our own making, which do next to nothing, and have the lines that edits look for.

/** As turtle-pool is built. */
const TURTLE = {
  'init.js': `var cluster = require('cluster')

require('./lib/configReader.js')
require('./lib/logger.js') // first of all

if (cluster.isWorker) {
  require('./lib/pool.js')
}
`,
  'lib/pool.js': `var apiInterfaces = require('./apiInterfaces.js')

var validBlockTemplates = []
var currentBlockTemplate
// if (!currentBlockTemplate || result.height > currentBlockTemplate.height) {

function BlockTemplate (template) {
  this.height = template.height
  this.extraNonce = 0
}

function getBlockTemplate (callback) {
  apiInterfaces.rpcDaemon('getblocktemplate', {}, callback)
}

function jobRefresh () {
  getBlockTemplate(function (error, result) {
    if (error) return
    if (!currentBlockTemplate || result.height > currentBlockTemplate.height) {
      if (currentBlockTemplate) validBlockTemplates.push(currentBlockTemplate)
      currentBlockTemplate = new BlockTemplate(result)
    }
  })
}

function Miner () {}
Miner.prototype = {
  getJob: function () {
    if (this.lastBlockHeight === currentBlockTemplate.height && !this.pendingDifficulty) {
      return null
    }
    this.lastBlockHeight = currentBlockTemplate.height
    return {
      extraNonce: currentBlockTemplate.extraNonce,
      height: currentBlockTemplate.height
    }
  }
}

function templateOf (job) {
  var blockTemplate = currentBlockTemplate.height === job.height ? currentBlockTemplate : validBlockTemplates.filter(function (t) {
    return t.height === job.height
  })[0]
  return blockTemplate || null
}

module.exports = { jobRefresh, Miner, templateOf }
`
}

/** As cryptonote-nodejs-pool is built: a worker of its own fetches the templates, and jobs are kept. */
const CRYPTONOTE = {
  'init.js': ` var cluster = require('cluster');

 require('./lib/configReader.js');
 require('./lib/logger.js');

 if (cluster.isWorker) {
 \trequire('./lib/pool.js');
 \treturn;
 }
`,
  'lib/daemon.js': `let ask = require('./ask.js');
let lastHash;

let second =
\tfunction (getbc, callback) {
\t\task('getblocktemplate', function (error, res) {
\t\t\tif (error) return callback(null);
\t\t\tprocess.send({
\t\t\t\ttype: 'BlockTemplate',
\t\t\t\tblock: res.result
\t\t\t});
\t\t\tcallback(null);
\t\t});
\t};

module.exports = function poll (done) {
\task('getlastblockheader', function (error, res) {
\t\tif (error) return done();
\t\tlet hash = res.result.hash;
\t\tif (!lastHash || lastHash !== hash) {
\t\t\tlastHash = hash
\t\t\treturn second(true, done);
\t\t}
\t\tdone();
\t});
};
`,
  'lib/pool.js': `let currentBlockTemplate = [];

function processBlockTemplate (template, index) {
\tcurrentBlockTemplate[index] = { height: template.height };
}

function Miner () {
\tthis.activeChildPool = 0;
}
Miner.prototype = {
\tgetJob: function () {
\t\tlet blockTemplate = currentBlockTemplate[this.activeChildPool];
\t\tif (this.lastBlockHeight === blockTemplate.height && this.cachedJob !== null) {
\t\t\treturn this.cachedJob;
\t\t}
\t\tthis.lastBlockHeight = blockTemplate.height;
\t\tthis.cachedJob = { of: blockTemplate };
\t\treturn this.cachedJob;
\t}
};

module.exports = { processBlockTemplate, Miner };
`
}

module.exports = { CRYPTONOTE, TURTLE }
