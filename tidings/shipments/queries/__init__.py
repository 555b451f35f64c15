"""What is read of shipments: `story` one shipment whole, `rows` the list, `seen` what somebody's units let them see."""
