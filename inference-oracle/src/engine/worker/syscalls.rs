//! The system calls that a worker has no use for, refused by seccomp.
//!
//! It computes: it needs memory, threads, clocks, the files that Landlock leaves it, and the socket it
//! was given. What would reach beyond (networks, other processes, what these get of the machine, the
//! kernel's configuration) fails with EPERM, for the library as for code that a model would bring in.
//! Calls that are newer than this list fail with ENOSYS, as on an older kernel.

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
	// One option gives a descriptor of the process at the other end.
	libc::SYS_getsockopt,
	libc::SYS_setsockopt,
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
	libc::SYS_get_robust_list,
	libc::SYS_setpgid,
	libc::SYS_setsid,
	// What other processes get of processors, disks and memory: of those of the same user anybody may
	// change it, of all of them at once by `setpriority`.
	libc::SYS_setpriority,
	libc::SYS_ioprio_set,
	libc::SYS_sched_setscheduler,
	libc::SYS_sched_setparam,
	libc::SYS_sched_setattr,
	libc::SYS_migrate_pages,
	libc::SYS_move_pages,
	// What a user, or the whole machine, has so many of and no more; and everybody's writing.
	libc::SYS_inotify_init1,
	libc::SYS_io_setup,
	libc::SYS_sync,
	libc::SYS_syncfs,
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
	libc::SYS_mq_timedsend,
	libc::SYS_mq_timedreceive,
	libc::SYS_mq_notify,
	libc::SYS_mq_getsetattr,
	libc::SYS_memfd_create,
	libc::SYS_memfd_secret,
	// Large parts of the kernel that are often where it breaks.
	libc::SYS_bpf,
	libc::SYS_seccomp,
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
	libc::SYS_splice,
	libc::SYS_tee,
	libc::SYS_vmsplice,
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
	// Changes of files; Landlock knows neither their attributes nor who watches them.
	libc::SYS_inotify_add_watch,
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
	libc::SYS_getxattr,
	libc::SYS_lgetxattr,
	libc::SYS_fgetxattr,
	libc::SYS_listxattr,
	libc::SYS_llistxattr,
	libc::SYS_flistxattr,
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
	libc::SYS_inotify_init,
];
#[cfg(not(target_arch = "x86_64"))]
const DENIED_HERE: &[i64] = &[];

/// What kernels have had, and will have, since this list was made (views of mounts by `statmount` and attributes
/// of files by `setxattrat` are among them): numbers are given in order, on all architectures the same.
const LATER: RangeInclusive<i64> = 457..=511;

/// Settings of a descriptor that make the kernel signal another process or keep it waiting, or that take of
/// what all pipes of a user may hold.
const DENIED_FCNTL: &[i32] =
	&[libc::F_SETOWN, F_SETSIG, F_SETOWN_EX, libc::F_SETLEASE, libc::F_NOTIFY, libc::F_SETPIPE_SZ];
const F_SETSIG: i32 = 10;
const F_SETOWN_EX: i32 = 15;
/// The same of a socket; and typing at a terminal.
const DENIED_IOCTL: &[i32] = &[FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX];
const FIOSETOWN: i32 = 0x8901;
const SIOCSPGRP: i32 = 0x8902;
const TIOCSTI: i32 = 0x5412;
const TIOCLINUX: i32 = 0x541c;
/// Not to die with the oracle, filters of its own, and who else runs on the other half of a processor's core.
const DENIED_PRCTL: &[i32] = &[libc::PR_SET_PDEATHSIG, libc::PR_SET_SECCOMP, libc::PR_SCHED_CORE];
/// Memory that does not count where memory is limited: what is shared, and what grows like a stack.
const DENIED_MAPS: &[i32] = &[libc::MAP_SHARED | libc::MAP_ANONYMOUS, libc::MAP_GROWSDOWN];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses them, from now on, to this thread and to those that it starts.
///
/// Shared memory is refused only without a GPU, whose driver needs it.
pub fn deny(gpu: bool) -> Result<(), String> {
	install(gpu).map_err(|error| error.to_string())
}

fn install(gpu: bool) -> Result<(), seccompiler::Error> {
	// The flags of `clone3` lie in memory, where a filter cannot look. To be told that there is no
	// such call sends the C library back to `clone`, whose flags can be seen.
	let unknown = std::iter::once(libc::SYS_clone3).chain(LATER).map(|number| (number, vec![]));
	apply(unknown.collect(), libc::ENOSYS)?;
	apply(denied(gpu)?, libc::EPERM)
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

fn denied(gpu: bool) -> Result<Rules, BackendError> {
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
	// A thread may choose its own processors, if it calls itself 0. Which numbers are of its other
	// threads no filter knows.
	rules.insert(libc::SYS_sched_setaffinity, vec![rule(0, SeccompCmpOp::Ne, 0)?]);
	for (number, argument, settings) in [
		(libc::SYS_fcntl, 1, DENIED_FCNTL),
		(libc::SYS_ioctl, 1, DENIED_IOCTL),
		(libc::SYS_prctl, 0, DENIED_PRCTL),
	] {
		let settings = settings.iter().map(|it| rule(argument, SeccompCmpOp::Eq, *it as u64));
		rules.insert(number, settings.collect::<Result<_, _>>()?);
	}
	if !gpu {
		let maps = DENIED_MAPS.iter().map(|flags| {
			let flags = *flags as u64;
			rule(3, SeccompCmpOp::MaskedEq(flags), flags)
		});
		rules.insert(libc::SYS_mmap, maps.collect::<Result<_, _>>()?);
	}
	Ok(rules)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::skip::skipped;
	use rustix::{
		process::{parent_process_death_signal, set_parent_process_death_signal, Signal},
		thread::{sched_getaffinity, sched_setaffinity, CpuSet},
	};
	use std::{
		io,
		process::{Child, Command},
	};

	/// What a call answers, or the number of its error.
	#[allow(unsafe_code)]
	fn call(number: i64, arguments: [i64; 6]) -> Result<i64, i32> {
		let [a, b, c, d, e, f] = arguments;
		// SAFETY: the tests give it no address but of what lives until they have the answer, and which
		// is only read.
		match unsafe { libc::syscall(number, a, b, c, d, e, f) } {
			-1 => Err(io::Error::last_os_error().raw_os_error().unwrap()),
			answer => Ok(answer),
		}
	}

	/// The error of a call that has no descriptor and no address, so that it changes nothing.
	fn error(number: i64, second: i64) -> i32 {
		match call(number, [-1, second, 0, 0, 0, 0]) {
			Err(error) => error,
			Ok(answer) => panic!("{number} answers {answer}"),
		}
	}

	/// In a thread that may not make these calls; or why none can be made so.
	fn inside(gpu: bool, then: impl FnOnce() + Send) -> Result<(), String> {
		let thread = || deny(gpu).map(|()| then());
		let result = std::thread::scope(|scope| scope.spawn(thread).join().unwrap());
		result.map_err(|lacks| format!("this kernel lacks seccomp ({lacks})"))
	}

	/// Another process of the same user.
	struct Neighbour(Child);

	impl Neighbour {
		fn new() -> Self {
			Self(Command::new("/bin/sleep").arg("100").spawn().unwrap())
		}

		/// What it gets: its niceness, its scheduler, and the processors that it may run on.
		fn share(&self) -> [String; 3] {
			let read = |what| std::fs::read_to_string(format!("/proc/{}/{what}", self.0.id()));
			let (stat, status) = (read("stat").unwrap(), read("status").unwrap());
			let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
			let allowed = status.lines().find(|line| line.starts_with("Cpus_allowed:")).unwrap();
			[fields[16].into(), fields[38].into(), allowed.into()]
		}

		/// How each attempt went to slow it down.
		fn slowed_down(&self) -> Vec<(&'static str, Result<i64, i32>)> {
			let it = self.0.id().into();
			let all = sched_getaffinity(None).unwrap();
			let first = (0..CpuSet::MAX_CPU).find(|number| all.is_set(*number)).unwrap();
			let mut one = [0u64; CpuSet::MAX_CPU / 64];
			one[first / 64] = 1 << (first % 64);
			let no_priority = 0i32;
			// Its size, and a niceness of 19.
			let nicest = [48u64, 0, 19, 0, 0, 0];
			let node = 1u64;
			let at = |address: *const u64| address as i64;
			let priority = at((&raw const no_priority).cast());
			let (one, nicest, node) = (at(one.as_ptr()), at(nicest.as_ptr()), at(&raw const node));
			let size = size_of::<[u64; CpuSet::MAX_CPU / 64]>() as i64;
			// All of a user that has no process here.
			let (of_one, of_user, nobody) = (0, 2, -2);
			let (idle, batch) = (3 << 13, 3);
			let calls = [
				("setpriority", libc::SYS_setpriority, [of_one, it, 7, 0, 0, 0]),
				("setpriority of a user", libc::SYS_setpriority, [of_user, nobody, 19, 0, 0, 0]),
				("ioprio_set", libc::SYS_ioprio_set, [1, it, idle, 0, 0, 0]),
				("sched_setaffinity", libc::SYS_sched_setaffinity, [it, size, one, 0, 0, 0]),
				("sched_setparam", libc::SYS_sched_setparam, [it, priority, 0, 0, 0, 0]),
				("sched_setattr", libc::SYS_sched_setattr, [it, nicest, 0, 0, 0, 0]),
				(
					"sched_setscheduler",
					libc::SYS_sched_setscheduler,
					[it, batch, priority, 0, 0, 0],
				),
				("migrate_pages", libc::SYS_migrate_pages, [it, 64, node, node, 0, 0]),
				("move_pages", libc::SYS_move_pages, [it, 0, 0, 0, 0, 0]),
				("PR_SCHED_CORE", libc::SYS_prctl, [libc::PR_SCHED_CORE.into(), 1, it, 0, 0, 0]),
			];
			calls.map(|(what, number, arguments)| (what, call(number, arguments))).into()
		}
	}

	impl Drop for Neighbour {
		fn drop(&mut self) {
			self.0.kill().unwrap();
			self.0.wait().unwrap();
		}
	}

	#[test]
	fn nobody_else_is_slowed_down() {
		let (free, spared) = (Neighbour::new(), Neighbour::new());
		let before = free.share();
		// Who may make these calls does harm by them.
		for (what, answer) in free.slowed_down() {
			if answer == Err(libc::EPERM) {
				skipped!("{what}: it is denied here to everybody");
			}
		}
		assert_ne!(free.share(), before);
		let before = spared.share();
		let done = inside(false, || {
			for (what, answer) in spared.slowed_down() {
				assert_eq!(answer, Err(libc::EPERM), "{what}");
			}
			// Where it runs itself it may choose.
			sched_setaffinity(None, &sched_getaffinity(None).unwrap()).unwrap();
		});
		if let Err(why) = done {
			skipped!("{why}");
		}
		assert_eq!(spared.share(), before);
	}

	#[test]
	fn nothing_undoes_that_it_dies_with_the_oracle() {
		std::thread::spawn(|| {
			// One that would harm nobody.
			set_parent_process_death_signal(Some(Signal::CONT)).unwrap();
			if let Err(lacks) = deny(false) {
				return skipped!("this kernel lacks seccomp ({lacks})");
			}
			for signal in [0, libc::SIGURG] {
				let arguments = [libc::PR_SET_PDEATHSIG.into(), signal.into(), 0, 0, 0, 0];
				assert_eq!(call(libc::SYS_prctl, arguments), Err(libc::EPERM), "{signal}");
			}
			assert_eq!(parent_process_death_signal().unwrap(), Some(Signal::CONT));
			// What else is set like that can be.
			rustix::thread::set_name(c"renamed").unwrap();
		})
		.join()
		.unwrap();
	}

	#[test]
	fn what_others_share_is_denied() {
		let done = inside(true, || {
			for number in [
				libc::SYS_inotify_init1,
				libc::SYS_inotify_add_watch,
				libc::SYS_io_setup,
				libc::SYS_sync,
				libc::SYS_syncfs,
				libc::SYS_memfd_create,
				libc::SYS_memfd_secret,
				libc::SYS_mq_notify,
				libc::SYS_get_robust_list,
				libc::SYS_getsockopt,
				libc::SYS_setsockopt,
				libc::SYS_getxattr,
				libc::SYS_vmsplice,
				libc::SYS_seccomp,
			] {
				assert_eq!(error(number, 0), libc::EPERM, "{number}");
			}
		});
		if let Err(why) = done {
			skipped!("{why}");
		}
	}

	#[test]
	fn no_memory_is_outside_the_limit_but_with_a_gpu() {
		let map = |flags: i32| {
			let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, flags | libc::MAP_ANONYMOUS);
			call(libc::SYS_mmap, [0, 4_096, access.into(), flags.into(), -1, 0])
		};
		for gpu in [false, true] {
			let done = inside(gpu, || {
				assert!(map(libc::MAP_PRIVATE).is_ok());
				for flags in [libc::MAP_SHARED, libc::MAP_PRIVATE | libc::MAP_GROWSDOWN] {
					assert_eq!(map(flags).err(), (!gpu).then_some(libc::EPERM), "{flags}, {gpu}");
				}
			});
			if let Err(why) = done {
				skipped!("{why}");
			}
		}
	}

	#[test]
	fn what_is_not_in_the_c_librarys_list_is_denied_too() {
		let done = inside(false, || {
			assert_eq!(error(FCHMODAT2, 0), libc::EPERM);
			// statmount, setxattrat, removexattrat, file_setattr, and what is to come.
			for number in [457, 463, 466, 469, 511] {
				assert_eq!(error(number, 0), libc::ENOSYS, "{number}");
			}
			for setting in [8, 10, 15, 1_024, 1_026, 1_031] {
				assert_eq!(error(libc::SYS_fcntl, setting), libc::EPERM, "{setting}");
			}
			for setting in [0x8901, 0x8902, 0x5412, 0x541c] {
				assert_eq!(error(libc::SYS_ioctl, setting), libc::EPERM, "{setting}");
				// Whatever is in the half that the kernel does not look at.
				assert_eq!(error(libc::SYS_ioctl, setting | 1 << 32), libc::EPERM, "{setting}");
			}
			// Others go through, and find no such descriptor.
			assert_eq!(error(libc::SYS_fcntl, libc::F_GETFL.into()), libc::EBADF);
			assert_eq!(error(libc::SYS_ioctl, libc::FIONREAD as i64), libc::EBADF);
		});
		if let Err(why) = done {
			skipped!("{why}");
		}
	}
}
