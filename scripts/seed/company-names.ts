/** Names that begin a company's name, with letters of several scripts. */
const NAMES =
  `Abbott Adeyemi Åkerlund Albright Anand Ardmore Ashworth Bancroft Barrow Beaumont Bellamy Benoît Bianchi
Blackwood Bramley Brightwater Caldwell Calloway Castellan Çelik Chandler Chen Clearwater Coleman Copperfield Corrigan
Crestline Dalgaard Davenport Delacroix Demir Dubois Dunmore Eastgate Eberhardt Edelweiß Ellsworth Evergreen Fairweather
Falkirk Ferreira Fjällräven Fontaine Forsyth Gallagher García Glenmore Goldberg Grantham Greenfield Grimsby Hadley
Halvorsen Hargreaves Haverford Hawthorne Herrera Holloway Horváth Huntington Ibáñez Iyer Jansen Jørgensen Kaminski
Kensington Kingsley Kowalczyk Lancaster Lefèvre Lindqvist Łódzki Lombardi Longford Lundgren Maplewood Marchetti Marlowe
Meridian Mikkelsen Montague Moreau Müller Nakamura Northgate Novák Nyström Oakridge Okafor O'Brien Ólafsson Olsson
Papadopoulos Pemberton Peralta Petrova Pinewood Quayle Ramírez Redfern Richelieu Riverside Rosenthal Rossi Sandoval
Schäfer Seabrook Silverton Sinclair Sørensen Stanhope Sterling Sullivan Takahashi Tanaka Thornbury Tremblay Underhill
Valdés Vandermeer Varga Westbrook Whitfield Wójcik Yamamoto Yılmaz Zielinski 北京 東京 Αθήνα Київ София`.split(
    /\s+/,
  );

const TRADES =
  `Advisory Aerospace Analytics Apparel Architects Bakery Biotech Brewing Builders Capital Catering Ceramics
Chemicals Cinema Coatings Coffee Components Consulting Couriers Dairy Data Dental Design Diagnostics Digital Drinks
Education Electric Electronics Energy Engineering Events Export Farms Fashion Films Finance Fisheries Fitness Floristry
Foods Forestry Freight Furniture Games Garages Gas Glass Health Holidays Homes Hosting Hotels Imaging Instruments
Insurance Interiors Joinery Kitchens Labs Laundry Leather Legal Lighting Logistics Machinery Marine Marketing Media
Metals Minerals Mobility Motors Music Networks Optics Organics Packaging Paints Paper Payments Pharma Photo Plastics
Plumbing Ports Power Press Print Property Publishing Radio Rail Records Recruitment Recycling Renewables Research
Retail Robotics Roofing Seeds Shipping Software Solar Sports Steel Storage Studios Systems Tea Telecom Textiles Theatre
Tickets Timber Tools Tours Toys Transport Travel Trust Utilities Ventures Veterinary Water Wines Workshop`.split(
    /\s+/,
  );

const FORMS = ['Ltd', 'Group', '& Sons', 'GmbH', 'S.A.', 'Inc.', 'B.V.', 'AB', 'Sp. z o.o.', 'Partners', ''];

/** A prime that divides none of the numbers of words, so that neighbours in the sequence differ in every word. */
const STEP = 7_919;

/**
 * Returns the company name with an index: another one for each index. After about 200,000 names, they get a number.
 */
export function createCompanyName(index: number): string {
  const combinations = NAMES.length * TRADES.length * FORMS.length;
  const shuffled = ((index % combinations) * STEP) % combinations;
  const name = NAMES[shuffled % NAMES.length];
  const trade = TRADES[Math.floor(shuffled / NAMES.length) % TRADES.length];
  const form = FORMS[Math.floor(shuffled / NAMES.length / TRADES.length)];
  const round = Math.floor(index / combinations);
  return [name, trade, form, round > 0 ? round + 1 : ''].filter(Boolean).join(' ');
}

/** Returns a domain name for a company, under a top-level domain that is reserved for examples (RFC 2606). */
export function createDomain(companyName: string): string {
  const words = companyName
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return `${words?.join('-') ?? 'company'}.example`;
}
