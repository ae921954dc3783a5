// What agents' and owners' sides of proposals share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/store.h"
#include "service/answers.h"
#include "service/context.h"
#include "service/deciding.h"

namespace openavail::service {

// The text of a proposal, sealed for its row, and back.
Result<std::string> seal_text(const Parts& parts, const ports::Proposal& proposal,
                              const calendar::EventText& text);
Result<calendar::EventText> open_text(const Parts& parts, const ports::Proposal& proposal);
Result<std::string> seal_note(const Parts& parts, const ports::Proposal& proposal,
                              const std::string& note);

// With text while it is open, and the owner's note.
Result<ProposalView> proposal_view(const Parts& parts, ports::Transaction& tx,
                                   const ports::Proposal& proposal);

// Judges every candidate of a proposal in a situation whose horizon holds its window: sets
// invalid_reason and whether it is preemptable. What a preemptable one would displace is answered
// beside it.
std::vector<ProposalCandidateView> judge_candidates(
    const arbiter::Situation& situation, std::vector<ports::ProposalCandidate> candidates);

// Ends a proposal: its text is erased.
void end_proposal(ports::Proposal& proposal, ports::ProposalStatus status);

// The proposal as it stands at `now`: one that has waited too long is expired, one whose booking a
// crash left behind is booked or failed. Writes what changed, with its audit row. `tx` must be a
// write transaction.
Result<ports::Proposal> settled(const Parts& parts, ports::Transaction& tx,
                                ports::Proposal proposal, Instant now);

// Waits for the owner's word, and may still be taken back.
bool is_decidable(const ports::Proposal& proposal);

// Of these, an approval whose process died while it wrote the event: its booking is settled now,
// where its calendar can be asked. To be called outside of a transaction; settled() tells what
// became of it.
void recover_approvals(const Parts& parts, const std::vector<ports::Proposal>& seen);

// Ends what is open of an owner's proposals, as withdrawn: nobody is left to decide them. Errors:
// internal.
Status withdraw_all(const Parts& parts, ports::Transaction& tx, const OwnerId& owner, Instant now);

// The row that no key acted for: actor "owner" or "system", about one proposal.
Status record_proposal(const Parts& parts, ports::Transaction& tx, const ports::Proposal& proposal,
                       const std::string& action, const std::string& actor);

}  // namespace openavail::service
