// A tour of all tools with real input, as one client of an SDK sees it. `main` may do everything;
// `other` may search and book, and reads no text. Both act for the one owner, who works Monday to
// Friday 08:00 to 18:00 UTC, at most 7.5 hours of meetings a day.
import assert from 'node:assert/strict';
import { Outputs } from './check_output.mjs';

const ABSENT = '01900000-0000-7000-8000-000000000000';
const INVALID_PARAMETERS = -32602;
// Mondays and later of a week in 2031.
const at = (day, hour, minute = 0) =>
  `2031-01-0${5 + day}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00Z`;
const keysOf = (value) => Object.keys(value).sort();

const BOOKING_RESULT = ['attendees', 'auditRowId', 'bookingId', 'calendarType', 'correlationId',
  'description', 'displacedBookings', 'displacedCount', 'end', 'pendingNotifications', 'start',
  'status', 'title', 'warnings'];
const BOOKING = ['attendees', 'bookingId', 'calendarType', 'correlationId', 'createdAt', 'description',
  'end', 'meetingClass', 'start', 'status', 'title'];

async function context(run) {
  const found = await run('get-agent-context');
  assert.deepEqual(keysOf(found), ['agent', 'calendars', 'meetingClasses', 'pendingNotifications',
    'scheduleRules', 'setupWarnings', 'unavailableFeatures']);
  assert.deepEqual(found.agent.ownerScope, ['jane@example.org']);
  assert.deepEqual(found.calendars, [{ calendarType: 'work', isPrimary: true, timezone: 'UTC' }]);
  assert.deepEqual(found.unavailableFeatures, []);

  const calendars = await run('list-calendars');
  assert.deepEqual(calendars.calendars, [{ calendar_type: 'work', is_primary: true, timezone: 'UTC' }]);
  assert.deepEqual(calendars.unavailable_calendar_types, ['personal', 'other']);

  const rules = await run('get-schedule-rules', { owner_email: 'Jane@Example.org' });
  assert.deepEqual(rules.workingHours,
    [{ days: [1, 2, 3, 4, 5], startTime: '08:00', endTime: '18:00', timezone: 'UTC' }]);
  assert.equal(rules.slotIntervalMinutes, 15);
  assert.equal(rules.maxDailyMeetingHours, 7.5);

  const classes = await run('list-meeting-classes');
  assert.deepEqual(keysOf(classes), ['meeting_classes']);
  assert.deepEqual(keysOf(classes.meeting_classes[0]), ['description', 'name', 'preemptPolicy', 'priorityTier']);
  return new Map(classes.meeting_classes.map((each) => [each.name, each]));
}

async function holds(run, refuse) {
  const searched = await run('search-availability', { duration_minutes: 30, earliest_start: at(1, 8),
    latest_end: at(1, 12), meeting_class: 'Regular', max_results: 3, calendar_type: 'personal' });
  assert.deepEqual(keysOf(searched), ['availableCandidateCount', 'candidateLimit', 'candidateSet',
    'candidates', 'candidatesTruncated', 'pendingNotifications', 'requestedWindow',
    'resolvedCalendarType', 'warnings']);
  assert.deepEqual(searched.requestedWindow, { start: at(1, 8), end: at(1, 12) });
  assert.equal(searched.candidates.length, 3);
  assert.equal(searched.candidateLimit, 3);
  assert.equal(searched.resolvedCalendarType, 'work');
  assert.deepEqual(searched.warnings.map((warning) => warning.code), ['CALENDAR_TYPE_FALLBACK']);

  const candidate = { start: searched.candidates[0].start, end: searched.candidates[0].end };
  const held = await run('create-hold', { meeting_class: 'Regular', hold_scope: 'candidate', candidate,
    idempotency_key: 'hold-1' });
  assert.deepEqual(keysOf(held), ['expiresAt', 'expiresInSeconds', 'heldWindow', 'holdId', 'holdScope',
    'pendingNotifications', 'resolvedCalendarType']);
  assert.deepEqual(held.heldWindow, candidate);
  const again = await run('create-hold', { meeting_class: 'Regular', hold_scope: 'candidate', candidate,
    idempotency_key: 'hold-1' });
  assert.equal(again.holdId, held.holdId);

  const untitled = await refuse('VALIDATION_FAILED', 'confirm-hold', { hold_id: held.holdId, ...candidate });
  assert.match(untitled.message, /title/);
  const confirmed = await run('confirm-hold', { hold_id: held.holdId, ...candidate, title: 'Kick-off',
    description: 'With the agenda', attendees: [{ email: 'sam@example.org', displayName: 'Sam' },
      { email: 'kim@example.org' }] });
  assert.deepEqual(keysOf(confirmed), BOOKING_RESULT);
  assert.deepEqual(confirmed.attendees,
    [{ email: 'sam@example.org', displayName: 'Sam' }, { email: 'kim@example.org' }]);
  assert.equal(confirmed.description, 'With the agenda');
  await refuse('HOLD_ALREADY_PROMOTED', 'confirm-hold',
    { hold_id: held.holdId, ...candidate, title: 'Kick-off' });

  const window = await run('create-hold', { meeting_class: 'Regular', hold_scope: 'window',
    duration_minutes: 30, window: { start: at(1, 14), end: at(1, 16) } });
  assert.equal(window.holdScope, 'window');
  const released = await run('release-hold', { hold_id: window.holdId });
  assert.equal(released.holdId, window.holdId);
  assert.equal(released.released, true);
}

async function bookings(run, refuse, other) {
  // The other agent books without reading text; a higher class then takes the time.
  const loser = await other('create-event', { start: at(2, 9), end: at(2, 10), meeting_class: 'Regular',
    title: 'Weekly', idempotency_key: 'event-1' });
  assert.deepEqual(keysOf(loser), BOOKING_RESULT);
  assert.equal(loser.description, null);
  assert.deepEqual([loser.attendees, loser.displacedBookings, loser.warnings], [[], [], []]);

  const searched = await run('search-availability', { duration_minutes: 60, earliest_start: at(2, 9),
    latest_end: at(2, 10), meeting_class: 'Critical' });
  assert.deepEqual(searched.candidates.map((each) => [each.risk, each.preemptable]),
    [['preemptable', { occupyingClass: 'Regular', occupyingBookingIds: [loser.bookingId],
      occupyingPriorityTier: 'normal' }]]);

  const slot = { start: at(2, 9), end: at(2, 10), meeting_class: 'Regular' };
  const simulated = await run('simulate', { ...slot, title: 'Sync', anything: { else: true } });
  assert.deepEqual(keysOf(simulated), ['alternatives', 'blockingReason', 'decision', 'displacedBookingIds',
    'engineTrace', 'nextAvailable', 'pendingNotifications', 'reason', 'situation', 'situationDigest']);
  assert.equal(simulated.decision, 'CounterPropose');
  assert.equal(simulated.reason, 'COUNTER_PROPOSED');
  assert.equal(simulated.blockingReason, 'NO_CAPACITY');
  assert.deepEqual(simulated.engineTrace.map((row) => keysOf(row)),
    Array(5).fill(['detail', 'outcome', 'rule']));
  const free = await run('simulate', { ...slot, start: at(2, 11), end: at(2, 12) });
  assert.equal(free.decision, 'Accept');
  for (const absent of ['reason', 'blockingReason', 'alternatives', 'nextAvailable']) {
    assert.ok(!(absent in free), absent);
  }

  const rejected = await refuse('ARBITRATION_REJECTED', 'create-event', { ...slot, title: 'Sync' });
  assert.equal(rejected.reason, 'COUNTER_PROPOSED');
  assert.equal(rejected.blockingReason, 'NO_CAPACITY');
  assert.deepEqual(keysOf(rejected.alternatives[0]), ['end', 'reasonCode', 'start']);
  assert.equal(typeof rejected.auditRowId, 'string');
  const none = await refuse('NO_SLOTS_AVAILABLE', 'search-availability', { duration_minutes: 60,
    earliest_start: at(2, 9), latest_end: at(2, 10), meeting_class: 'Regular' });
  assert.equal(none.reasonCode, 'NO_FREE_SLOTS');
  assert.equal(none.resolvedCalendarType, 'work');
  assert.deepEqual(none.warnings, []);
  assert.deepEqual(keysOf(none.nextAvailable), ['end', 'start']);

  const winner = await run('create-event', { ...slot, meeting_class: 'Critical', title: 'Incident' });
  assert.equal(winner.displacedCount, 1);
  assert.deepEqual(winner.displacedBookings, [{ bookingId: loser.bookingId, title: 'Weekly',
    start: at(2, 9), end: at(2, 10), meetingClass: 'Regular' }]);
  return { loser, winner };
}

async function notifications(other, loser) {
  const { notifications: listed } = await other('get-pending-notifications');
  assert.equal(listed.length, 1);
  assert.deepEqual(keysOf(listed[0]), ['createdAt', 'id', 'kind', 'payload']);
  assert.equal(listed[0].kind, 'booking.displaced');
  assert.equal(listed[0].payload.booking_id, loser.bookingId);
  assert.equal(listed[0].payload.owner_email, 'jane@example.org');
  const beside = await other('get-schedule-rules');
  assert.deepEqual(beside.pendingNotifications, listed);
  assert.deepEqual(await other('ack-notifications', { ids: [listed[0].id] }), { ackedCount: 1 });
  assert.deepEqual(await other('get-pending-notifications'), { notifications: [] });
}

async function events(run, refuse, winner) {
  const range = { timeMin: at(1, 0), timeMax: at(3, 0) };
  const first = await run('list-events', { ...range, maxResults: 1 });
  assert.deepEqual(keysOf(first), ['bookings', 'nextCursor', 'pendingNotifications']);
  assert.deepEqual(first.bookings.map((each) => each.title), ['Kick-off']);
  const rest = await run('list-events', { ...range, maxResults: 100, cursor: first.nextCursor });
  assert.deepEqual(rest.bookings.map((each) => each.status).sort(), ['committed', 'needs_reschedule']);
  assert.equal(rest.nextCursor, null);
  for (const booking of [...first.bookings, ...rest.bookings]) assert.deepEqual(keysOf(booking), BOOKING);

  for (const word of [{ q: 'INCID' }, { query: 'incid' }]) {
    const found = await run('search-events', { ...word, ...range });
    assert.deepEqual(found.bookings.map((each) => each.bookingId), [winner.bookingId]);
  }
  assert.match((await refuse('VALIDATION_FAILED', 'search-events', range)).message, /\/q/);

  const one = await run('get-event', { id: winner.bookingId });
  assert.deepEqual(keysOf(one), BOOKING);
  assert.equal(one.meetingClass, 'Critical');
  const changed = await run('update-event', { id: winner.bookingId, title: 'Incident review' });
  assert.deepEqual(keysOf(changed), ['bookingId', 'calendarType', 'correlationId', 'description', 'end',
    'pendingNotifications', 'start', 'status', 'title']);
  assert.equal(changed.title, 'Incident review');
  await refuse('VALIDATION_FAILED', 'update-event', { id: winner.bookingId });

  const cancelled = await run('delete-event', { id: winner.bookingId, idempotency_key: 'gone-1' });
  assert.deepEqual(keysOf(cancelled), ['bookingId', 'correlationId', 'pendingNotifications']);
  await refuse('BOOKING_NOT_CANCELLABLE', 'delete-event', { id: winner.bookingId });
  assert.equal((await run('get-event', { id: winner.bookingId })).status, 'cancelled');
}

async function mistakes(call, refuse, other) {
  await assert.rejects(call('no-such-tool'), (error) => error.code === INVALID_PARAMETERS);
  await refuse('BOOKING_NOT_FOUND', 'get-event', { id: ABSENT });
  await refuse('HOLD_NOT_FOUND', 'release-hold', { hold_id: ABSENT });
  const slot = { start: at(3, 9), end: at(3, 10), meeting_class: 'Regular', title: 'x' };
  const misspelt = await refuse('VALIDATION_FAILED', 'create-event', { ...slot, atendees: [] });
  assert.match(misspelt.issues[0].message, /attendees/);
  await refuse('VALIDATION_FAILED', 'create-event', { ...slot, start: '2031-01-08T09:00:00' });
  const unknown = await refuse('INVALID_MEETING_CLASS', 'create-event', { ...slot, meeting_class: 'Vip' });
  assert.ok(unknown.availableClasses.includes('Regular'));
  await refuse('owner_scope_denied', 'list-calendars', { owner_email: 'joe@example.org' });
  await refuse('permission_denied:create_holds', 'create-hold',
    { meeting_class: 'Regular', hold_scope: 'candidate', candidate: { start: at(3, 9), end: at(3, 10) } }, other);
}

// Twenty agents' worth of calls on one pipe: eight want one slot, the others read.
async function side_by_side(call, outputs) {
  const slot = { start: at(4, 9), end: at(4, 10), meeting_class: 'Regular', title: 'Contested' };
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 5 < 2
    ? call('create-event', slot) : call('get-schedule-rules'))));
  const asked = results.filter((_, i) => i % 5 < 2);
  assert.equal(asked.filter((result) => !result.isError).length, 1);
  for (const result of asked.filter((each) => each.isError)) outputs.refusal(result, 'ARBITRATION_REJECTED');
  results.filter((_, i) => i % 5 >= 2).forEach((result) => outputs.check('get-schedule-rules', result));
}

// Asked of the owner instead of booked; read again while it waits.
async function proposals(run) {
  const asked = await run('create-booking-proposal', {
    title: 'Offsite', meeting_class: 'Regular', duration_minutes: 60,
    requested_window: { start: at(4, 13), end: at(4, 17) },
    preferred_times: [at(4, 14)],
  });
  assert.equal(asked.status, 'pending_owner_decision');
  assert.equal(asked.candidates[0].agentPreferred, true);
  const read = await run('get-booking-proposal', { proposal_id: asked.proposalId });
  assert.equal(read.title, 'Offsite');
  assert.deepEqual(read.candidates, asked.candidates);
}

// Calls given up at once end as given up, and the pipe goes on.
async function cancellation(call, run) {
  for (let i = 0; i < 10; i += 1) {
    const controller = new AbortController();
    const given_up = call('get-agent-context', {}, { signal: controller.signal });
    controller.abort('changed my mind');
    await assert.rejects(given_up);
  }
  assert.equal((await run('get-agent-context')).agent.name, 'planner');
}

// The titles that then stand in the calendar, busy.
export async function tour(main, other) {
  const { tools } = await main.client.listTools();
  assert.equal(tools.length, 19);
  const outputs = new Outputs(tools);
  const run = async (name, input) => outputs.check(name, await main.call(name, input));
  const run_other = async (name, input) => outputs.check(name, await other.call(name, input));
  const refuse = async (code, name, input, who = main) => outputs.refusal(await who.call(name, input), code);

  const classes = await context(run);
  assert.equal(classes.get('Regular').preemptPolicy, 'reschedulable');
  await holds(run, refuse);
  const { loser, winner } = await bookings(run, refuse, run_other);
  await notifications(run_other, loser);
  await events(run, refuse, winner);
  await mistakes(main.call, refuse, other);
  await side_by_side(main.call, outputs);
  await proposals(run);
  // Until here every answer was waited for; one may cross its cancellation on the way.
  assert.deepEqual([...main.strays, ...other.strays], []);
  await cancellation(main.call, run);
  assert.deepEqual([...outputs.waiting], [], 'tools that no step called');
  return ['Contested', 'Kick-off'];
}
