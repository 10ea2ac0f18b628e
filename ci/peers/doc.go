// Package peers starts the real servers that tests of every room talk to,
// and watches the conversation with tshark.
//
// A server belongs to one run: its processes live in PID and mount namespaces
// of their own, listen on a loopback address of their own and die with the
// process that started them. Nothing under /var/lib, /var/log or /run is
// written, so two runs, or a run and an installed server, never meet.
//
// A run over several packages starts a server once and passes it on:
// [GlusterEnv], [GaneshaEnv] and [GaneshaGlusterEnv] name the directories of
// servers that are already up. Without it
// the first call in a test process starts one, which lives as long as the
// process.
//
// A peer that cannot run here (not root, not installed, namespaces forbidden)
// skips the test and says why; with RINGREADV_REQUIRE_PEERS=1 it fails it.
//
// All functions are safe for use by parallel tests.
package peers
