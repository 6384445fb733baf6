//! The forms of the system's own files.

/// Returns the name of a group (group(5)).
pub(crate) fn group_name(groups: &str, id: u32) -> Option<&str> {
    row(groups, id)?.split(':').next()
}

/// Returns who was put into a group.
pub(crate) fn members(groups: &str, id: u32) -> impl Iterator<Item = &str> {
    row(groups, id)
        .and_then(|row| row.split(':').nth(3))
        .into_iter()
        .flat_map(|members| members.split(','))
        .filter(|member| !member.is_empty())
}

fn row(groups: &str, id: u32) -> Option<&str> {
    let has_id = |row: &&str| row.split(':').nth(2).and_then(|id| id.parse().ok()) == Some(id);
    groups.lines().find(has_id)
}

/// Says whether a table of TCP sockets of the kernel (proc(5), `/proc/net/tcp`) has one that
/// listens on `port`.
pub(crate) fn listens(table: &str, port: u16) -> bool {
    const LISTEN: &str = "0A";
    table.lines().skip(1).any(|row| {
        let mut columns = row.split_whitespace().skip(1);
        let local = columns.next().and_then(|address| address.rsplit_once(':'));
        let state = columns.nth(1);
        state == Some(LISTEN)
            && local.is_some_and(|(_, hex)| u16::from_str_radix(hex, 16) == Ok(port))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_their_number() {
        let groups = "root:x:0:\ndialout:x:20:anna,bert\nbroken\n";
        assert_eq!(group_name(groups, 20), Some("dialout"));
        assert_eq!(members(groups, 20).collect::<Vec<_>>(), ["anna", "bert"]);
        assert_eq!(members(groups, 0).count(), 0);
        assert_eq!(group_name(groups, 21), None);
    }

    #[test]
    fn sockets_that_listen_are_told_from_others() {
        let table = "  sl  local_address rem_address   st\n\
            0: 0100007F:8C7B 00000000:0000 0A 00000000:00000000\n\
            1: 0100007F:8C7C 0100007F:1F90 01 00000000:00000000\n";
        assert!(listens(table, 0x8c7b));
        assert!(!listens(table, 0x8c7c));
        assert!(!listens(table, 80));
    }
}
