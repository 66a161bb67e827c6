/** What the demo's people do, like and say. */

export interface Department {
  readonly name: string
  readonly head: string
  readonly lead: string
  readonly titles: readonly [string, ...string[]]
  readonly teams: readonly [string, string, string]
  readonly work: string
}

export const departments: readonly [Department, ...Department[]] = [
  {
    name: 'Engineering',
    head: 'Head of Engineering',
    lead: 'Engineering Manager',
    titles: ['Software Engineer', 'Senior Software Engineer', 'Staff Engineer', 'Test Engineer'],
    teams: ['Lamps', 'Signals', 'Platform'],
    work: 'keeps the lights on and the build green',
  },
  {
    name: 'Research',
    head: 'Head of Research',
    lead: 'Principal Researcher',
    titles: ['Researcher', 'Senior Researcher', 'Optical Scientist', 'Data Scientist'],
    teams: ['Optics', 'Materials', 'Long Nights'],
    work: 'measures how light behaves in fog',
  },
  {
    name: 'Product',
    head: 'Head of Product',
    lead: 'Group Product Manager',
    titles: ['Product Manager', 'Senior Product Manager', 'Product Analyst'],
    teams: ['Harbours', 'Streets', 'Homes'],
    work: 'decides what to build next and what to leave out',
  },
  {
    name: 'Design',
    head: 'Head of Design',
    lead: 'Design Lead',
    titles: ['Product Designer', 'Industrial Designer', 'Design Researcher', 'Illustrator'],
    teams: ['Glass', 'Interfaces', 'Brand'],
    work: 'draws lanterns that people want to look at',
  },
  {
    name: 'Sales',
    head: 'Head of Sales',
    lead: 'Regional Sales Manager',
    titles: ['Account Executive', 'Solutions Consultant', 'Sales Development Representative'],
    teams: ['North', 'South', 'Ports & Cities'],
    work: 'finds the towns that are still too dark',
  },
  {
    name: 'Customer Care',
    head: 'Head of Customer Care',
    lead: 'Care Team Lead',
    titles: ['Support Specialist', 'Senior Support Specialist', 'Customer Success Manager'],
    teams: ['First Reply', 'Field Service', 'Onboarding'],
    work: 'answers the telephone when a harbour goes dark',
  },
  {
    name: 'Marketing',
    head: 'Head of Marketing',
    lead: 'Marketing Lead',
    titles: ['Content Strategist', 'Campaign Manager', 'Event Manager'],
    teams: ['Stories', 'Events', 'Web'],
    work: 'tells the story of every lamp',
  },
  {
    name: 'Finance',
    head: 'Chief Financial Officer',
    lead: 'Finance Manager',
    titles: ['Accountant', 'Financial Analyst', 'Payroll Specialist'],
    teams: ['Accounting', 'Planning', 'Payroll'],
    work: 'makes the numbers add up, twice',
  },
  {
    name: 'People',
    head: 'Head of People',
    lead: 'People Partner',
    titles: ['Recruiter', 'People Specialist', 'Learning Designer'],
    teams: ['Hiring', 'Growth', 'Workplace'],
    work: 'looks after everybody else',
  },
  {
    name: 'Operations',
    head: 'Chief Operating Officer',
    lead: 'Operations Manager',
    titles: ['Systems Administrator', 'Logistics Planner', 'Security Analyst', 'Buyer'],
    teams: ['Systems', 'Logistics', 'Supply'],
    work: 'gets lanterns from the workshop to the quay',
  },
]

export const interests: readonly string[] = [
  'analogue photography',
  'astronomy',
  'beekeeping',
  'bouldering',
  'bread baking',
  'chess',
  'choir singing',
  'cold-water swimming',
  'crosswords',
  'embroidery',
  'fermentation',
  'fountain pens',
  'gardening',
  'go',
  'hill walking',
  'jazz',
  'lighthouses',
  'maps',
  'mechanical calculators',
  'mushroom foraging',
  'origami',
  'poetry',
  'rowing',
  'sailing',
  'typography',
  'urban sketching',
  'weather',
  'woodworking',
]

export const skills: readonly [string, ...string[]] = [
  'reading a schematic upside down',
  'facilitating difficult meetings',
  'SQL that explains itself',
  'glass chemistry',
  'writing release notes people read',
  'negotiating with harbour masters',
  'accessible colour palettes',
  'colour temperature, to within 20 kelvin',
  'the Paris to Osaka timetable',
]

export const wishes: readonly [string, ...string[]] = [
  'Georgian polyphony',
  'how tides are predicted',
  'Rust, properly this time',
  'to chair a meeting in Spanish',
  'double-entry bookkeeping',
  'lens grinding',
  'public speaking without slides',
]

export const encounters: readonly [string, ...string[]] = [
  'anyone who has restored a lighthouse',
  'people who design for the night shift',
  'suppliers of borosilicate glass',
  'other new parents in a distributed team',
  'whoever wrote the tide tables',
]
