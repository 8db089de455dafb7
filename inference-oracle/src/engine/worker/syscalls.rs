//! The system calls that a worker has no use for, refused by seccomp.
//!
//! It computes: it needs memory, threads, clocks, the files that Landlock leaves it, and the socket it
//! was given. What would reach beyond (networks, other processes, the kernel's configuration) fails
//! with EPERM, for the library as for code that a model would bring in. Calls that are newer than this
//! list fail with ENOSYS, as on an older kernel.

use seccompiler::{
	apply_filter, BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
	SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// It is the same on all architectures; the C library's list does not have it on all.
const FCHMODAT2: i64 = 452;

/// Refused whatever the arguments, on all architectures.
const DENIED: &[i64] = &[
	// Sockets, and descriptors from other processes.
	libc::SYS_socket,
	libc::SYS_socketpair,
	libc::SYS_connect,
	libc::SYS_bind,
	libc::SYS_listen,
	libc::SYS_accept,
	libc::SYS_accept4,
	libc::SYS_sendmsg,
	libc::SYS_sendmmsg,
	libc::SYS_recvmsg,
	libc::SYS_recvmmsg,
	// Other programs and processes.
	libc::SYS_execve,
	libc::SYS_execveat,
	libc::SYS_kill,
	libc::SYS_tkill,
	libc::SYS_rt_sigqueueinfo,
	libc::SYS_rt_tgsigqueueinfo,
	libc::SYS_pidfd_open,
	libc::SYS_pidfd_getfd,
	libc::SYS_pidfd_send_signal,
	libc::SYS_ptrace,
	libc::SYS_process_vm_readv,
	libc::SYS_process_vm_writev,
	libc::SYS_process_madvise,
	libc::SYS_process_mrelease,
	libc::SYS_kcmp,
	libc::SYS_setpgid,
	libc::SYS_setsid,
	// Memory and queues shared with other processes.
	libc::SYS_shmget,
	libc::SYS_shmat,
	libc::SYS_shmctl,
	libc::SYS_semget,
	libc::SYS_semctl,
	libc::SYS_semop,
	libc::SYS_semtimedop,
	libc::SYS_msgget,
	libc::SYS_msgsnd,
	libc::SYS_msgrcv,
	libc::SYS_msgctl,
	libc::SYS_mq_open,
	libc::SYS_mq_unlink,
	// Large parts of the kernel that are often where it breaks.
	libc::SYS_bpf,
	libc::SYS_perf_event_open,
	libc::SYS_userfaultfd,
	libc::SYS_io_uring_setup,
	libc::SYS_io_uring_enter,
	libc::SYS_io_uring_register,
	libc::SYS_add_key,
	libc::SYS_request_key,
	libc::SYS_keyctl,
	libc::SYS_fanotify_init,
	libc::SYS_personality,
	// Other views of the file system.
	libc::SYS_mount,
	libc::SYS_umount2,
	libc::SYS_pivot_root,
	libc::SYS_chroot,
	libc::SYS_unshare,
	libc::SYS_setns,
	libc::SYS_move_mount,
	libc::SYS_open_tree,
	libc::SYS_fsopen,
	libc::SYS_fsconfig,
	libc::SYS_fsmount,
	libc::SYS_fspick,
	libc::SYS_mount_setattr,
	libc::SYS_open_by_handle_at,
	libc::SYS_name_to_handle_at,
	// Changes of files; Landlock does not know those of their attributes.
	libc::SYS_truncate,
	libc::SYS_mknodat,
	libc::SYS_mkdirat,
	libc::SYS_linkat,
	libc::SYS_symlinkat,
	libc::SYS_unlinkat,
	libc::SYS_renameat,
	libc::SYS_renameat2,
	libc::SYS_fchmod,
	libc::SYS_fchmodat,
	FCHMODAT2,
	libc::SYS_fchown,
	libc::SYS_fchownat,
	libc::SYS_utimensat,
	libc::SYS_setxattr,
	libc::SYS_lsetxattr,
	libc::SYS_fsetxattr,
	libc::SYS_removexattr,
	libc::SYS_lremovexattr,
	libc::SYS_fremovexattr,
	// The machine.
	libc::SYS_init_module,
	libc::SYS_finit_module,
	libc::SYS_delete_module,
	libc::SYS_kexec_load,
	libc::SYS_reboot,
	libc::SYS_swapon,
	libc::SYS_swapoff,
	libc::SYS_syslog,
	libc::SYS_acct,
	libc::SYS_quotactl,
	libc::SYS_quotactl_fd,
	libc::SYS_settimeofday,
	libc::SYS_clock_settime,
	libc::SYS_clock_adjtime,
	libc::SYS_adjtimex,
	libc::SYS_sethostname,
	libc::SYS_setdomainname,
	libc::SYS_vhangup,
	// Other users.
	libc::SYS_setuid,
	libc::SYS_setgid,
	libc::SYS_setreuid,
	libc::SYS_setregid,
	libc::SYS_setresuid,
	libc::SYS_setresgid,
	libc::SYS_setgroups,
	libc::SYS_setfsuid,
	libc::SYS_setfsgid,
	libc::SYS_capset,
];

/// The older calls that only this architecture has.
#[cfg(target_arch = "x86_64")]
const DENIED_HERE: &[i64] = &[
	libc::SYS_fork,
	libc::SYS_vfork,
	libc::SYS_mknod,
	libc::SYS_mkdir,
	libc::SYS_rmdir,
	libc::SYS_link,
	libc::SYS_symlink,
	libc::SYS_unlink,
	libc::SYS_rename,
	libc::SYS_creat,
	libc::SYS_chmod,
	libc::SYS_chown,
	libc::SYS_lchown,
	libc::SYS_utime,
	libc::SYS_utimes,
	libc::SYS_futimesat,
	libc::SYS_iopl,
	libc::SYS_ioperm,
	libc::SYS_modify_ldt,
	libc::SYS_kexec_file_load,
];
#[cfg(not(target_arch = "x86_64"))]
const DENIED_HERE: &[i64] = &[];

/// What kernels have had, and will have, since this list was made (attributes of files by `setxattrat` are
/// among them): numbers are given in order, on all architectures the same.
const LATER: RangeInclusive<i64> = 463..=511;

/// Settings of a descriptor that make the kernel signal another process.
const DENIED_FCNTL: &[i32] = &[libc::F_SETOWN, F_SETSIG, F_SETOWN_EX];
const F_SETSIG: i32 = 10;
const F_SETOWN_EX: i32 = 15;
/// The same of a socket.
const DENIED_IOCTL: &[i32] = &[FIOSETOWN, SIOCSPGRP];
const FIOSETOWN: i32 = 0x8901;
const SIOCSPGRP: i32 = 0x8902;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses them, from now on, to this thread and to those that it starts.
pub fn deny() -> Result<(), String> {
	install().map_err(|error| error.to_string())
}

fn install() -> Result<(), seccompiler::Error> {
	// The flags of `clone3` lie in memory, where a filter cannot look. To be told that there is no
	// such call sends the C library back to `clone`, whose flags can be seen.
	let unknown = std::iter::once(libc::SYS_clone3).chain(LATER).map(|number| (number, vec![]));
	apply(unknown.collect(), libc::ENOSYS)?;
	apply(denied()?, libc::EPERM)
}

fn apply(mut rules: Rules, errno: i32) -> Result<(), seccompiler::Error> {
	if cfg!(target_arch = "x86_64") {
		// Kernels with the x32 interface know each call by a second number, and some by a third.
		const X32: i64 = 0x4000_0000;
		let again: Vec<_> =
			rules.iter().map(|(number, rules)| (number | X32, rules.clone())).collect();
		rules.extend(again);
		if errno == libc::EPERM {
			rules.extend((512..=547).map(|number| (number | X32, vec![])));
		}
	}
	let filter = SeccompFilter::new(
		rules,
		SeccompAction::Allow,
		SeccompAction::Errno(errno as u32),
		TargetArch::try_from(std::env::consts::ARCH)?,
	)?;
	let program = BpfProgram::try_from(filter)?;
	apply_filter(&program)
}

fn denied() -> Result<Rules, BackendError> {
	let mut rules: Rules =
		DENIED.iter().chain(DENIED_HERE).map(|number| (*number, vec![])).collect();
	let rule = |argument, operator, value| -> Result<SeccompRule, BackendError> {
		let length = SeccompCmpArgLen::Dword;
		SeccompRule::new(vec![SeccompCondition::new(argument, length, operator, value)?])
	};
	// Threads may be started, processes not.
	let thread = libc::CLONE_THREAD as u64;
	rules.insert(libc::SYS_clone, vec![rule(0, SeccompCmpOp::MaskedEq(thread), 0)?]);
	// It may abort, and look at its own limits.
	let own = std::process::id().into();
	rules.insert(libc::SYS_tgkill, vec![rule(0, SeccompCmpOp::Ne, own)?]);
	rules.insert(libc::SYS_prlimit64, vec![rule(0, SeccompCmpOp::Ne, 0)?]);
	for (number, settings) in [(libc::SYS_fcntl, DENIED_FCNTL), (libc::SYS_ioctl, DENIED_IOCTL)] {
		let settings = settings.iter().map(|setting| rule(1, SeccompCmpOp::Eq, *setting as u64));
		rules.insert(number, settings.collect::<Result<_, _>>()?);
	}
	Ok(rules)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The error of a call that has no descriptor and no address, so that it changes nothing.
	#[allow(unsafe_code)]
	fn error(number: i64, second: i64) -> i32 {
		// SAFETY: there is nothing that it could work on.
		let result = unsafe { libc::syscall(number, -1i64, second, 0i64, 0i64, 0i64, 0i64) };
		assert_eq!(result, -1, "{number}");
		std::io::Error::last_os_error().raw_os_error().unwrap()
	}

	#[test]
	fn what_is_not_in_the_c_librarys_list_is_denied_too() {
		let thread = std::thread::spawn(|| {
			if let Err(lacks) = deny() {
				return eprintln!("this kernel lacks seccomp ({lacks}): not tested");
			}
			assert_eq!(error(FCHMODAT2, 0), libc::EPERM);
			// setxattrat, removexattrat, file_setattr, and what is to come.
			for number in [463, 466, 469, 511] {
				assert_eq!(error(number, 0), libc::ENOSYS, "{number}");
			}
			for setting in [8, 10, 15] {
				assert_eq!(error(libc::SYS_fcntl, setting), libc::EPERM, "{setting}");
			}
			for setting in [0x8901, 0x8902] {
				assert_eq!(error(libc::SYS_ioctl, setting), libc::EPERM, "{setting}");
				// Whatever is in the half that the kernel does not look at.
				assert_eq!(error(libc::SYS_ioctl, setting | 1 << 32), libc::EPERM, "{setting}");
			}
			// Others go through, and find no such descriptor.
			assert_eq!(error(libc::SYS_fcntl, libc::F_GETFL.into()), libc::EBADF);
			assert_eq!(error(libc::SYS_ioctl, libc::FIONREAD as i64), libc::EBADF);
		});
		thread.join().unwrap();
	}
}
