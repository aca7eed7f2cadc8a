use super::*;

impl Chart {
    /// What is known before anything is.
    pub(in crate::routing) fn start(primary: Who) -> Self {
        let (daemons, head, branch, fork) = (vec![], None, [].into(), None);
        Self { in_use: primary, alone: true, ready: false, daemons, head, branch, fork }
    }
}
