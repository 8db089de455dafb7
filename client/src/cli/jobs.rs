//! What `usufruct infer` asks: request bodies, or files turned into tensors.

use anyhow::{bail, Context as _};
use std::{
	fs::{self, File},
	path::{Path, PathBuf},
	str::FromStr,
	sync::{Arc, OnceLock},
};
use usufruct_client::{
	features::magika,
	tensors::{InferRequest, Tensor},
	text::TEXT,
};

/// A tensor made of a file's bytes, as `NAME:LEN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BytesTensor {
	pub name: String,
	pub tokens: usize,
}

/// More tokens than any such model takes.
const MAX_TOKENS: usize = 1 << 20;

impl FromStr for BytesTensor {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let wrong = || format!("'{text}' is not NAME:LEN, such as bytes:2048");
		let (name, tokens) = text.rsplit_once(':').ok_or_else(wrong)?;
		let tokens = tokens.parse().map_err(|_| wrong())?;
		if name.is_empty() || !(2..=MAX_TOKENS).contains(&tokens) {
			return Err(wrong());
		}
		Ok(Self { name: name.into(), tokens })
	}
}

/// One request.
#[derive(Clone, Debug)]
pub struct Job {
	/// The file it is made from, or the text it is.
	pub path: Arc<Path>,
	kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
	/// What the file said when it was first read: it may be a pipe.
	Body(Arc<OnceLock<Vec<u8>>>),
	Text(Arc<str>),
	Bytes(Arc<(String, magika::Config)>),
}

/// The requests of a command line, in order, all of them `repeat` times.
pub fn jobs(
	bodies: Vec<PathBuf>,
	texts: Vec<String>,
	bytes: Option<(BytesTensor, Option<magika::Config>)>,
	files: Vec<PathBuf>,
	repeat: usize,
) -> anyhow::Result<Vec<Job>> {
	let mut jobs: Vec<Job> = bodies
		.into_iter()
		.map(|path| Job { path: path.into(), kind: Kind::Body(Arc::default()) })
		.collect();
	jobs.extend(
		texts
			.into_iter()
			.map(|text| Job { path: Path::new(&text).into(), kind: Kind::Text(text.into()) }),
	);
	match bytes {
		Some((tensor, config)) => {
			let config = config.unwrap_or_else(|| magika::Config::for_tokens(tensor.tokens));
			if config.tokens() != tensor.tokens {
				bail!(
					"the labels' configuration is for {} tokens, the tensor has {}",
					config.tokens(),
					tensor.tokens
				);
			}
			let kind = Arc::new((tensor.name, config));
			jobs.extend(
				files
					.into_iter()
					.map(|path| Job { path: path.into(), kind: Kind::Bytes(kind.clone()) }),
			);
		},
		None if !files.is_empty() => {
			bail!("say how FILEs become a tensor: --bytes-tensor NAME:LEN; or give bodies with --input")
		},
		None => {},
	}
	if jobs.is_empty() {
		bail!(
			"nothing to ask: give --input BODY.json, --text TEXT, or --bytes-tensor NAME:LEN and FILEs"
		);
	}
	let count = jobs.len().checked_mul(repeat).context("too many requests")?;
	Ok(jobs.iter().cycle().take(count).cloned().collect())
}

impl Job {
	/// Its tensors; `None` if the file says too little to be asked about.
	pub fn inputs(&self) -> anyhow::Result<Option<Vec<Tensor>>> {
		match &self.kind {
			Kind::Body(read) => {
				let body = match read.get() {
					Some(body) => body,
					None => {
						let body = fs::read(&self.path)?;
						read.get_or_init(|| body)
					},
				};
				let request: InferRequest = serde_json::from_slice(body)
					.context("it is not a request body of the Open Inference Protocol")?;
				Ok(Some(request.inputs))
			},
			Kind::Text(text) => Ok(Some(vec![Tensor::from_texts(TEXT, vec![1], &[text])?])),
			Kind::Bytes(kind) => {
				let (name, config) = &**kind;
				let mut file = File::open(&self.path)?;
				let Some(tokens) = config.features(&mut file)? else { return Ok(None) };
				let tensor = Tensor::from_elements(name, vec![1, tokens.len() as u64], &tokens)?;
				Ok(Some(vec![tensor]))
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn tensor(text: &str) -> Result<BytesTensor, String> {
		text.parse()
	}

	#[test]
	fn a_bytes_tensor_has_a_name_and_a_length() {
		assert_eq!(tensor("bytes:2048"), Ok(BytesTensor { name: "bytes".into(), tokens: 2048 }));
		assert_eq!(tensor("a:b:2").unwrap().name, "a:b");
		for wrong in ["", "bytes", "bytes:", ":2048", "bytes:1", "bytes:x", "bytes:99999999"] {
			assert!(tensor(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn jobs_are_bodies_and_files_repeated() {
		let dir = tempfile::tempdir().unwrap();
		let path = |name: &str| dir.path().join(name);
		fs::write(
			path("body.json"),
			r#"{"inputs":[{"name":"x","shape":[1],"datatype":"INT32","data":[7]}]}"#,
		)
		.unwrap();
		fs::write(path("file"), "a file of some bytes").unwrap();
		fs::write(path("tiny"), "tiny").unwrap();
		let bytes = tensor("bytes:16").unwrap();
		let jobs = jobs(
			vec![path("body.json")],
			vec![],
			Some((bytes, None)),
			vec![path("file"), path("tiny")],
			2,
		)
		.unwrap();
		assert_eq!(jobs.len(), 6);
		let inputs = jobs[3].inputs().unwrap().unwrap();
		assert_eq!(inputs[0].to_elements::<i32>(), Ok(vec![7]));
		let inputs = jobs[4].inputs().unwrap().unwrap();
		assert_eq!((inputs[0].name(), inputs[0].shape()), ("bytes", &[1, 16][..]));
		assert!(jobs[5].inputs().unwrap().is_none());
	}

	#[test]
	fn a_body_is_read_once_because_it_may_come_through_a_pipe() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("body.json");
		fs::write(&path, r#"{"inputs":[{"name":"x","shape":[1],"datatype":"INT32","data":[7]}]}"#)
			.unwrap();
		let jobs = jobs(vec![path.clone()], vec![], None, vec![], 2).unwrap();
		let first = jobs[0].inputs().unwrap().unwrap();
		fs::write(&path, "").unwrap();
		for job in &jobs {
			assert_eq!(job.inputs().unwrap().as_ref(), Some(&first));
		}
	}

	#[test]
	fn a_text_is_one_tensor() {
		let jobs = jobs(vec![], vec!["one".into(), "two".into()], None, vec![], 1).unwrap();
		let inputs = jobs[1].inputs().unwrap().unwrap();
		assert_eq!((inputs[0].name(), inputs[0].to_texts()), ("text", Ok(vec!["two".into()])));
		assert_eq!(jobs[0].path.to_str(), Some("one"));
	}

	#[test]
	fn a_command_line_that_asks_nothing_is_refused() {
		assert!(jobs(vec![], vec![], None, vec![], 1).is_err());
		assert!(jobs(vec![], vec![], None, vec!["x".into()], 1).is_err());
		let config = magika::Config::for_tokens(8);
		let bytes = Some((tensor("x:16").unwrap(), Some(config)));
		assert!(jobs(vec![], vec![], bytes, vec!["x".into()], 1).is_err());
		let missing = jobs(vec!["/nowhere".into()], vec![], None, vec![], 1).unwrap();
		assert!(missing[0].inputs().is_err());
	}
}
