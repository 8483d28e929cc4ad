/**
 * What an escalation rule means, written a second time: slowly, second by second, and from the words of the rules alone.
 * It shares nothing with `domain/`, so that a mistake has to be made twice to go unseen.
 *
 * Providers answer at once here, and planning does; every time is a whole second since the opening.
 */

export type Grade = 'Critical' | 'Warning' | 'Info';
export type Carrier = 'sms' | 'email';

export interface Floor {
  members: string[];
  /** By what they are told when it is Critical, and otherwise; `[]` is nobody, on purpose. */
  critical: Carrier[];
  otherwise: Carrier[];
  everyS: number;
  times: number;
  escalateAfterS: number;
  evenIfAcknowledged: boolean;
  whenNobodyReached: 'escalate' | 'wait';
}

export interface Policy {
  delayS: number;
  floors: Floor[];
  startOver?: { everyS: number; times: number };
}

export type Deed =
  | { what: 'acknowledge' | 'unacknowledge' | 'wake' | 'close' | 'comment' }
  | { what: 'snooze'; minutes: number }
  | { what: 'escalate'; level?: number }
  | { what: 'revise'; severity: Grade };
export type Act = Deed & { atS: number; by: string };

/** `absent`: no address, nothing is sent; `refusing`: it is sent, and the provider says that it cannot reach them. */
export type Hardness = 'absent' | 'refusing';

export interface Tale {
  policy: Policy;
  severity: Grade;
  /** In the order of their times. */
  acts: Act[];
  /** By member and medium, such as `alice sms`. */
  unreachable: Partial<Record<string, Hardness>>;
  untilS: number;
}

export interface Foretold {
  notifications: { atMs: number; level: number; round: number; member: string; medium: Carrier }[];
  progress: 'Triggered' | 'Processing' | 'Closed';
  level: number;
  round: number;
  exhausted: boolean;
}

const GRAVITY: Record<Grade, number> = { Info: 1, Warning: 2, Critical: 3 };

/** Everything that has to be sent, and how it stands in the end. */
export function foretell({ policy, severity, acts, unreachable, untilS }: Tale): Foretold {
  const oracle = new Oracle(policy, severity, unreachable);
  for (let second = 0; second <= untilS; second += 1) {
    oracle.second = second;
    oracle.letTimeWork();
    for (const act of acts.filter(({ atS }) => atS === second)) {
      oracle.hear(act);
      oracle.letTimeWork();
    }
  }
  const { notifications, progress, level, round, exhausted } = oracle;
  return { notifications, progress, level, round, exhausted };
}

class Oracle {
  second = 0;
  readonly notifications: Foretold['notifications'] = [];
  progress: Foretold['progress'] = 'Triggered';
  level = 0;
  round = 0;
  exhausted = false;
  readonly #policy: Policy;
  readonly #unreachable: Tale['unreachable'];
  #severity: Grade;
  #acknowledgers: string[] = [];
  readonly #responders = new Set<string>();
  #snoozedUntil: number | undefined;
  #levelSince = 0;
  /** When the delay, or the pause before everything is told again, is over. */
  #beginsAt: number | undefined;
  #repetitions = 0;
  /** Of the level as it was last started. */
  #someoneReached = false;
  #someoneMeant = false;
  #nobodyOnPurpose = false;

  constructor(policy: Policy, severity: Grade, unreachable: Tale['unreachable']) {
    this.#policy = policy;
    this.#severity = severity;
    this.#unreachable = unreachable;
    this.#beginsAt = policy.delayS;
  }

  letTimeWork(): void {
    while (this.progress !== 'Closed' && (this.#drawConclusion() || this.#doWhatIsDue()));
  }

  hear(act: Act): void {
    if (this.progress === 'Closed') return;
    switch (act.what) {
      case 'acknowledge':
        if (!this.#acknowledgers.includes(act.by)) this.#acknowledgers.push(act.by);
        this.#responders.add(act.by);
        this.#snoozedUntil = undefined;
        this.progress = 'Processing';
        break;
      case 'unacknowledge':
        if (!this.#acknowledgers.includes(act.by)) return;
        this.#acknowledgers = this.#acknowledgers.filter((one) => one !== act.by);
        if (this.#acknowledgers.length > 0) return;
        this.progress = 'Triggered';
        if (this.#snoozedUntil === undefined) this.#beginLevelAgain();
        break;
      case 'snooze':
        this.#snoozedUntil = this.second + act.minutes * 60;
        break;
      case 'wake':
        if (this.#snoozedUntil === undefined) return;
        this.#snoozedUntil = undefined;
        if (this.progress === 'Triggered') this.#beginLevelAgain();
        break;
      case 'close':
        this.progress = 'Closed';
        break;
      case 'escalate': {
        const level = act.level ?? this.level + 1;
        if (level <= this.level || level > this.#policy.floors.length) return;
        this.#snoozedUntil = undefined;
        this.#acknowledgers = [];
        this.progress = 'Triggered';
        this.#beginLevel(level);
        break;
      }
      case 'revise':
        this.#revise(act.severity);
        break;
      case 'comment':
        break;
    }
  }

  #revise(severity: Grade): void {
    const isRaised = GRAVITY[severity] > GRAVITY[this.#severity];
    this.#severity = severity;
    if (!isRaised) return;
    if (this.#snoozedUntil !== undefined) this.#endSnooze();
    else if (this.progress === 'Triggered') this.#beginLevelAgain();
    else for (const responder of this.#responders) this.#tell(responder);
  }

  /** @returns whether anything was due; then there may be more. */
  #doWhatIsDue(): boolean {
    if (this.#snoozedUntil !== undefined) {
      if (this.second < this.#snoozedUntil) return false;
      this.#endSnooze();
      return true;
    }
    if (this.progress === 'Triggered' && this.#beginsAt !== undefined) {
      if (this.second < this.#beginsAt) return false;
      if (this.level > 0) this.#repetitions += 1;
      this.#beginLevel(1);
      return true;
    }
    const floor = this.#policy.floors[this.level - 1];
    if (floor === undefined) return false;
    const passed = this.second - this.#levelSince;
    const mayEscalate = this.progress === 'Triggered' || floor.evenIfAcknowledged;
    if (this.level < this.#policy.floors.length && mayEscalate && passed >= floor.escalateAfterS) {
      this.#beginLevel(this.level + 1);
      return true;
    }
    if (this.progress !== 'Triggered' || this.round >= floor.times || passed < this.round * floor.everyS) return false;
    this.#tellRound(this.round + 1);
    return true;
  }

  /** Nobody of the level can be reached: the next one. Nobody is left to be told: that, and perhaps all over again. */
  #drawConclusion(): boolean {
    const floor = this.#policy.floors[this.level - 1];
    if (floor === undefined || this.progress !== 'Triggered' || this.#snoozedUntil !== undefined) return false;
    if (this.level < this.#policy.floors.length) {
      const isNobodyReached = this.#someoneMeant ? !this.#someoneReached : !this.#nobodyOnPurpose;
      if (floor.whenNobodyReached === 'wait' || !isNobodyReached) return false;
      this.#beginLevel(this.level + 1);
      return true;
    }
    if (this.exhausted || this.round < floor.times) return false;
    this.exhausted = true;
    const again = this.#policy.startOver;
    if (again && this.#repetitions < again.times) this.#beginsAt = this.second + again.everyS;
    return true;
  }

  #endSnooze(): void {
    this.#snoozedUntil = undefined;
    this.#acknowledgers = [];
    this.progress = 'Triggered';
    this.#beginLevelAgain();
  }

  #beginLevelAgain(): void {
    if (this.level > 0) this.#beginLevel(this.level);
  }

  #beginLevel(level: number): void {
    this.level = level;
    this.#levelSince = this.second;
    this.#beginsAt = undefined;
    this.exhausted = false;
    this.#someoneReached = false;
    this.#someoneMeant = false;
    this.#tellRound(1);
  }

  #tellRound(round: number): void {
    this.round = round;
    const members = this.#policy.floors[this.level - 1]?.members ?? [];
    this.#nobodyOnPurpose = this.#media().length === 0;
    for (const member of members) {
      this.#responders.add(member);
      if (this.#media().length > 0) this.#someoneMeant = true;
      if (this.#tell(member)) this.#someoneReached = true;
    }
  }

  /** Before the first level it is as people prefer: all of them like texts. */
  #media(): Carrier[] {
    const floor = this.#policy.floors[this.level - 1];
    if (floor === undefined) return ['sms'];
    return this.#severity === 'Critical' ? floor.critical : floor.otherwise;
  }

  /** By each medium; by e-mail where a text does not come through and there is none yet. */
  #tell(member: string): boolean {
    const media = this.#media();
    const outcomes = media.map((medium) => this.#send(member, medium));
    const hasFailedText = media.some((medium, nth) => medium === 'sms' && !outcomes[nth]);
    if (hasFailedText && !media.includes('email')) outcomes.push(this.#send(member, 'email'));
    return outcomes.includes(true);
  }

  #send(member: string, medium: Carrier): boolean {
    const hardness = this.#unreachable[`${member} ${medium}`];
    if (hardness !== 'absent') {
      const { level, round } = this;
      this.notifications.push({ atMs: this.second * 1000, level, round, member, medium });
    }
    return hardness === undefined;
  }
}
