// Claims a dividend with @polkadot/api, exactly as a browser wallet would: a signed v4 extrinsic,
// built from the chain's own metadata, from an account that may hold nothing.
//
//   node claim.cjs ws://127.0.0.1:9944 "//Person//0"
//
// Prints one line of JSON: {"address", "before", "after", "fee_paid", "events"}; planck as strings.
'use strict';

const { ApiPromise, Keyring, WsProvider } = require('@polkadot/api');

async function main([url, secret]) {
	const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
	const person = new Keyring({ type: 'sr25519' }).addFromUri(secret);
	const free = async () => (await api.query.system.account(person.address)).data.free.toString();

	const before = await free();
	const events = await new Promise((resolve, reject) => {
		api.tx.dividend
			.claim()
			.signAndSend(person, ({ status, dispatchError, events, isError }) => {
				if (dispatchError) {
					const { section, name, docs } = api.registry.findMetaError(dispatchError.asModule);
					reject(new Error(`${section}.${name}: ${docs.join(' ')}`));
				} else if (isError) {
					reject(new Error(`the pool refused the claim: ${status.type}`));
				} else if (status.isFinalized) {
					resolve(events.map(({ event }) => event));
				}
			})
			.catch(reject);
	});
	const fees = events.filter((event) => api.events.transactionPayment.TransactionFeePaid.is(event));
	console.log(
		JSON.stringify({
			address: person.address,
			before,
			after: await free(),
			fee_paid: fees.reduce((sum, event) => sum + event.data.actualFee.toBigInt(), 0n).toString(),
			events: events.map(({ section, method }) => `${section}.${method}`),
		}),
	);
	await api.disconnect();
}

main(process.argv.slice(2)).catch((error) => {
	console.error(error.message ?? error);
	process.exit(1);
});
